"""The core, through its public face: rule sets, answers, the path, the assessment, what is kept."""
