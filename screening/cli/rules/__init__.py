"""`screening rules`: what authors of rule sets run. One module for each group of commands."""

from __future__ import annotations

import click

from screening.cli.lazily import LazyGroup, places_in

COMMANDS = {  # in the order an author meets them: the module, and the line that lists say
    "init": (
        "next_command",
        "Make a folder of rules with the common questions, the word lists and the guide.",
    ),
    "next": (
        "next_command",
        "Say what is to be done now, in order: check, sources, prove, cases, trace, show, sign, publish.",
    ),
    "evaluate": ("evaluate_command", "Print what a rule set makes of one patient's answers, as JSON."),
    "check": (
        "check_command",
        "Say everything that is wrong with rule sets and can be said without running them.",
    ),
    "schema": (
        "check_command",
        "Print the JSON Schema of the format, so that an editor completes and checks while you type.",
    ),
    "prove": (
        "prove_commands",
        "Prove, for all possible answers, that no safety answer is lost, hidden or made quieter.",
    ),
    "mutate": (
        "prove_commands",
        "Make every small mistake, and tell which share of them proofs and cases notice.",
    ),
    "cases": ("cases_command", "Run the worked examples beside each rule set, and tell what they leave out."),
    "trace": ("trace_commands", "Hold the treatment page against the rule set."),
    "draft": ("trace_commands", "Write a first rule set from a treatment page."),
    "diff": ("diff_command", "Tell what a change means, over all possible answers, not which lines moved."),
    "show": ("show_command", "Write each rule set as a page that a clinician can read and sign."),
    "preview": (
        "preview_command",
        "Show a rule set as patients would see it, with the rules beside each page, until Ctrl+C.",
    ),
    "sign": ("publish_commands", "Write who agreed to a rule set beside it, as the database has it."),
    "publish": ("publish_commands", "Let patients start this version, and keep it for ever as it is."),
    "retire": (
        "publish_commands",
        "Take a published treatment from new patients, on every server, within seconds.",
    ),
    "recall": (
        "recall_command",
        "Take unsafe versions from patients, and put what they settled before a clinician again.",
    ),
    "list": ("publish_commands", "Show what stands in the rules folder, and what of it was published."),
    "history": (
        "publish_commands",
        "Show every published version of a rule set: who signed it off, and the reasons given.",
    ),
    "replay": (
        "replay_command",
        "Hold a new version against the kept requests: how many would come out otherwise, and which.",
    ),
    "states": (
        "states_command",
        "Print what may become of a request: each move, from where to where, who may, and what must hold.",
    ),
}


@click.group(cls=LazyGroup, places=places_in(__name__, COMMANDS))
def rules() -> None:
    """Work on rule sets.

    PATH is a rule set or a folder of them; without one, the configured rules folder. Exit 0: clean;
    1: problems found; 2: something cannot be read. Every code is explained in docs/codes.md.
    """
