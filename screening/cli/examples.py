"""What `--help` of a command shows it at work with: one table, by the words after `screening`.

A test holds that every command with arguments or options stands here, and that each line can be parsed.
"""

from __future__ import annotations

from collections.abc import Mapping

_LUMBAR = "rules/lumbar-sympathetic-block.yaml"
_WHY, _WHO = "The patient asked for it.", '--i-am "Alex Frost"'

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "audit begin": ('--because "The disk was replaced"',),
    "audit export": ("events.jsonl", "events.jsonl --after 12000"),
    "audit verify": ("", "--head 12841-9f2c41d07ab35e68"),
    "backup": ("/var/backups/screening",),
    "bounces": ("/var/mail/screening", "- < returned.eml"),
    "deliver": ("", "--again"),
    "demo-data": ("--requests 500", "--requests 100000 --processes 2"),
    "doctor": ("", "--deploy"),
    "fhir export-questionnaire": (f"{_LUMBAR} --to fhir --base https://clinic.example/fhir",),
    "fhir import-questionnaire": ("fhir/questionnaire.json --to rules/knee-injection.yaml",),
    "fhir export-request": (f'E4C-BVH-HZWF {_WHO} --reason "{_WHY}" --as document --to request.json',),
    "keys init": ("", "--backup /media/stick/backup.private"),
    "keys rotate": ("", "--of index", "--finish"),
    "keys export": ("/media/stick/screening.keys", "/media/stick/screening.keys --shares 3 --of 5"),
    "keys import": ("/media/stick/screening.keys", "/media/stick/screening.keys --shares --drill"),
    "person export": (f"E4C-BVH-HZWF {_WHO} --to copy-for-the-patient",),
    "person correct": (f'E4C-BVH-HZWF {_WHO} --says "The surname is Quince, not Quinn."',),
    "person erase": (f"E4C-BVH-HZWF {_WHO}", f"E4C-BVH-HZWF {_WHO} --yes"),
    "prove-desk": ("", "--teeth"),
    "purge": ("--dry-run", ""),
    "restore": (
        "screening-20261201T020000Z.backup --key backup.private --verify",
        "screening-20261201T020000Z.backup --key backup.private --drill",
    ),
    "rules cases": (_LUMBAR, f"{_LUMBAR} --generate", f"{_LUMBAR} --coverage"),
    "rules check": ("rules", f"{_LUMBAR} --today 2027-06-01"),
    "rules diff": (f"live/lumbar-sympathetic-block.yaml {_LUMBAR}",),
    "rules draft": ("treatment-page.html --to rules/knee-injection.yaml",),
    "rules evaluate": (f"{_LUMBAR} --answers answers.json",),
    "rules history": ("lumbar-sympathetic-block",),
    "rules init": ("our-rules",),
    "rules list": ("", "--json"),
    "rules mutate": (_LUMBAR,),
    "rules next": ("rules",),
    "rules preview": (_LUMBAR, f"{_LUMBAR} --port 8100 --answers answers.json"),
    "rules prove": (_LUMBAR, f"{_LUMBAR} --write-cases"),
    "rules publish": (f"{_LUMBAR} --page treatment-page.html",),
    "rules recall": (f'{_LUMBAR} 1.0.0 1.1.0 --because "It did not ask about blood thinners" {_WHO}',),
    "rules replay": (f"{_LUMBAR} {_WHO} --since 2026-06-01",),
    "rules retire": ('lumbar-sympathetic-block --because "No longer offered here"',),
    "rules schema": ("> rule-set.schema.json", "--for cases"),
    "rules show": (f"{_LUMBAR} --to to-sign", f"{_LUMBAR} --format pdf --page treatment-page.html"),
    "rules sign": (_LUMBAR,),
    "rules states": ("", "--mermaid"),
    "rules trace": (f"{_LUMBAR} --page treatment-page.html", f"{_LUMBAR} --page treatment-page.html --sign"),
    "safety case": ("--to safety-papers", "docs/safety/hazards.yaml --to safety-papers --report junit.xml"),
    "safety check": ("", "docs/safety/hazards.yaml --report junit.xml"),
    "serve": ("--demo", "--host 127.0.0.1 --port 8000 --workers 2"),
    "staff add": (
        'rita@clinic.example --name "Rita Moss" --role reception',
        'clara@clinic.example --name "Dr Clara Finch" --role clinician --reason "Joins the pain team"',
    ),
    "staff disable": ("rita@clinic.example",),
    "staff enable": ("rita@clinic.example",),
    "staff reset": ("rita@clinic.example",),
    "staff sites": ("rita@clinic.example --site north --site south",),
}


def told(command: str) -> str:
    """What ends the help of a command, as `click` takes it; empty for one that has nothing to choose."""
    lines = [f"  screening {command} {given}".rstrip() for given in EXAMPLES.get(command, ())]
    head = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(["\b", head, *lines]) if lines else ""
