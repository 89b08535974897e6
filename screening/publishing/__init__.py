"""From a finished rule set to one that patients may start: signing, publishing, replaying kept requests."""
