"""`screening rules`: what authors of rule sets run. One module for each group of commands."""

from __future__ import annotations

import click

from screening.cli.lazily import Lazy, LazyGroup

LINES = (  # command, module, its line in the help; in the order an author meets the commands
    ("evaluate", "evaluate_command", "Print what a rule set makes of one patient's answers, as JSON."),
    (
        "check",
        "check_command",
        "Say everything that is wrong with rule sets.",
    ),
    (
        "schema",
        "check_command",
        "Print the JSON Schema of the format.",
    ),
    (
        "prove",
        "prove_commands",
        "Prove, for all possible answers, that no safety answer is lost.",
    ),
    (
        "mutate",
        "prove_commands",
        "Make every small mistake.",
    ),
    ("cases", "cases_command", "Run the worked examples beside each rule set, and tell what they leave out."),
    ("trace", "trace_commands", "Hold the treatment page against the rule set."),
    ("draft", "trace_commands", "Write a first rule set from a treatment page."),
    ("diff", "diff_command", "Tell what a change means, over all possible answers, not which lines moved."),
    ("show", "show_command", "Write each rule set as a page that a clinician can read and sign."),
    (
        "preview",
        "preview_command",
        "Show a rule set as patients would see it, with the rules beside each page.",
    ),
    ("sign", "publish_commands", "Write down that somebody agrees to a rule set as it stands."),
    ("publish", "publish_commands", "Let patients start this version, and keep it for ever as it is."),
    (
        "retire",
        "publish_commands",
        "Take a published treatment from new patients.",
    ),
    ("list", "publish_commands", "Show what stands in the rules folder, and what of it was published."),
    ("history", "publish_commands", "Show every published version of a rule set."),
    ("replay", "replay_command", "Hold a new version against the kept requests."),
    ("states", "states_command", "Print what may become of a request."),
)
LAZY = {name: Lazy(f"{__name__}.{module}:{name}_command", line) for name, module, line in LINES}


@click.group(cls=LazyGroup, lazy=LAZY)
def rules() -> None:
    """Work on rule sets.

    PATH is a rule set or a folder of them; without one, the configured rules folder. Exit 0: clean;
    1: problems found; 2: something cannot be read. Every code is explained in docs/codes.md.
    """
