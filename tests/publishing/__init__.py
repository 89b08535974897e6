"""Signing, publishing, retiring and replaying, on both engines."""
