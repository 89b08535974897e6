"""Treatment pages of eight shapes, each with what must be found on it; written for the tests, of no clinic.

`draft` was made with the first six. The two of `UNSEEN` came afterwards, and nothing was changed for them.
"""

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
HIP = """<!doctype html><html><head><title>Hip injection | The clinic</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/hips">Hips</a></li></ul></nav>
<div id="cookie-consent"><p>May we use cookies?</p></div>
<main><h1>Hip injection</h1>
<p>A steroid is placed into the hip joint. Most people go home after half an hour.</p>
<h2>Who may benefit</h2>
<table><tr><th>Trouble</th><th>Often felt as</th></tr>
<tr><td>Worn hip joint</td><td>Groin pain on stairs</td></tr>
<tr><td>Irritated bursa</td><td>Pain when lying on the side</td></tr></table>
<details><summary>How it is done</summary><p>A doctor guides the needle by ultrasound.</p></details>
<h2>Before your appointment</h2>
<p>Please tell us if:</p>
<ul><li>You take medicines that thin the blood
<ol><li>Warfarin or apixaban</li><li>Clopidogrel</li></ol></li>
<li>You are allergic to:<ul><li>Steroids</li><li>Latex</li></ul></li>
<li>You have a fever or feel unwell</li></ul>
<p>If your hip suddenly becomes hot and very painful, go to A&amp;E.</p>
<h2>Getting here</h2><p>Parking is behind the house.</p></main>
<footer><p>The clinic, Example Road 1</p></footer></body></html>
"""
ANKLE = """Ankle joint injection
=====================

*For people whose ankle aches.*

1 Who is it for?
----------------

1. Ankle pain after an old sprain
2. A stiff ankle in the morning

2 Important safety information
------------------------------

**Blood and bruising.** Do not have it if you have haemophilia. Tell the nurse if you bruise easily.

**Infection.** It cannot be given if you have a sore or an ulcer on the foot.

- [ ] Pregnant, or trying for a baby
- [ ] Diabetes with foot ulcers

Ring 999 if you cannot breathe after an earlier injection.

3 Afterwards
------------

Rest the ankle for two days.
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
UNSEEN = (
    Shape(
        "a table, a nested list and an emergency in HTML", HIP,
        ("thin the blood", "warfarin", "clopidogrel", "steroids", "latex", "fever"),
        ("worn hip", "groin", "bursa", "lying"),
    ),
    Shape(
        "numbered headings and boxes to tick in Markdown", ANKLE,
        ("haemophilia", "bruise", "sore", "ulcer on the foot", "trying for a baby", "foot ulcers"),
        ("old sprain", "stiff ankle"),
    ),
)  # fmt: skip
