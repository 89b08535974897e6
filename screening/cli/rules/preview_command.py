"""`screening rules preview`: one rule set as a form, on the author's own machine."""

from __future__ import annotations

from pathlib import Path

import click

from screening.authoring.evaluate import check_answers, read_answers
from screening.cli.refusing import told
from screening.cli.rules.publish_commands import RULE_SET
from screening.cli.rules.reporting import FILE, refusing
from screening.cli.server import run
from screening.core.findings import Place
from screening.core.loading import load
from screening.preview.starting import previewing

PORT = 8001


@click.command("preview")
@RULE_SET
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, help="Port; 0: any free one.")
@click.option(
    "--answers", "answers_file", metavar="ANSWERS.json", type=FILE, help="Open with one patient's answers."
)
@told()
@refusing
def preview_command(file: Path, port: int, answers_file: Path | None) -> None:
    """Show a rule set as patients would see it, with the rules beside each page, until Ctrl+C.

    Marked as a preview, on this machine only, and it keeps nothing. Each save is shown at once; a
    broken one shows its problems. Add ?case=3, or ?case= and words of its sentence, to the address.
    """
    if not file.is_file():
        load(file)  # which says what it is instead
    answers = None
    if answers_file is not None:
        answers = read_answers(answers_file)
        check_answers(load(file), answers, Place(str(answers_file)))
    with previewing(file, answers, port=port) as (app, settings):
        click.echo("This is a preview: nothing is kept.")
        run(app, settings)
