"""The question types stand below the rule sets that are made of them."""

from __future__ import annotations

import subprocess
import sys


def test_the_question_types_load_without_the_rule_sets() -> None:
    code = "import sys, screening.core.answers; sys.exit('screening.core.rules' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
