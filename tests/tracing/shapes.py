"""Treatment pages of six shapes, each with what must be found on it; written for the tests, of no clinic."""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """A page, and a telling word of each of its safety items, and of each thing that it helps with."""

    name: str
    text: str
    safety: tuple[str, ...]
    helps: tuple[str, ...]


SENTENCE = """Home > Hands > Wrist injection
Wrist injection
Who this treatment helps
• Aching wrist after overuse
• Stiff thumb in the morning
Safety note
Please tell us if you take blood thinners, have diabetes, have a pacemaker, or are pregnant or breastfeeding.
About us
We are a small clinic.
"""
CONTRA = """# Heel injection

## Conditions we treat

- Pain under the heel
- Heel spur

## Contra-indications

- Infection of the skin
- Allergy to steroid
- Recent heart attack

## Who pays for it?

Your insurer may pay.
"""
QUESTION = """Elbow block
Who is this treatment for?
• Tennis elbow
• Golfer’s elbow
Who is this treatment not for?
• Pregnant women
• People with epilepsy
• Anyone with a bleeding disorder
"""
NESTED = """<html><head><title>Knee injection</title></head><body>
<nav><a href="/">Home</a><a href="/contact">Contact</a></nav>
<div style="display:none"><p>Hidden words</p></div>
<main><h1>Knee injection</h1>
<h2>Indications</h2><ul><li>Worn knee</li><li>Swollen knee</li></ul>
<h2>Contraindications</h2>
<ul><li>Infection<ul><li>Joint infection</li><li>Chest infection</li></ul></li>
<li>Poor kidney function</li></ul></main></body></html>
"""
PRECAUTIONS = """Shoulder injection
==================

What conditions we treat
------------------------
* Frozen shoulder

Precautions
-----------
* Liver disease
* Glaucoma

Warnings
--------
* Sickle cell disease
"""
PARAGRAPHS = """Neck block
Who benefits from it
• Stiff neck
• Headache from the neck
Safety
Tell us if you have had a stroke, have high blood pressure, or take insulin.
Also tell us if you have a metal implant or asthma.
What it costs
It costs nothing.
"""
SHAPES = (
    Shape(
        "a safety note in one sentence", SENTENCE,
        ("blood thinner", "diabetes", "pacemaker", "pregnan", "breastfeeding"), ("wrist", "thumb"),
    ),
    Shape(
        "contra-indications in Markdown", CONTRA,
        ("infection", "allergy", "heart"), ("under the heel", "spur"),
    ),
    Shape("headings as questions", QUESTION, ("pregnan", "epilepsy", "bleeding"), ("tennis", "golfer")),
    Shape(
        "nested lists in HTML", NESTED,
        ("joint infection", "chest infection", "kidney"), ("worn knee", "swollen knee"),
    ),
    Shape("several headings of care", PRECAUTIONS, ("liver", "glaucoma", "sickle"), ("frozen",)),
    Shape(
        "a safety note of two paragraphs", PARAGRAPHS,
        ("stroke", "blood pressure", "insulin", "implant", "asthma"), ("stiff neck", "headache"),
    ),
)  # fmt: skip
