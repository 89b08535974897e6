"""What decides or advises is heard in many forms; what only repeats is let through."""

from __future__ import annotations

import pytest

from screening.authoring.deciding import banned_words

# fmt: off
DECIDING = (
    "Hold your apixaban for 48 hours.",
    "Halve your dose the day before.",
    "You qualify for this treatment.",
    "Double your insulin on the morning.",
    "Please leave out your warfarin for three days.",
    "Come off your blood thinner a week before.",
    "It may be best to have none in your blood on the day.",
    "You're good to go.",
    "You can have the injection.",
    "You cannot get this injection with diabetes.",
    "This treatment is not safe for people like you.",
    "The injection should go ahead.",
    "You are fit for the block.",
    "Your request is approved.",
    "This patient is at high risk.",
    "Priority: high",
    "You meet the criteria.",
    "No aspirin on the day.",
    "Your tablets must be stopped.",
    "Sto\u00adp tak\u00ading aspirin.",
    "\uff33\uff54\uff4f\uff50 \uff59\uff4f\uff55\uff52 \uff54\uff41\uff42\uff4c\uff45\uff54\uff53",
    "Skip the evening tablet.",
    "Pause rivaroxaban from Monday.",
    "Take half the dose.",
    "Switch to heparin before you come.",
    "You do not need to see a doctor about this.",
    "There is nothing to worry about.",
    "You probably have CRPS.",
    "This block will work for you.",
    "We would suggest another treatment.",
    "Go without ibuprofen for a week.",
    "Withhold clopidogrel until the procedure.",
    "You may proceed to the injection.",
    "Do not book this patient: refuse the request.",
    "You should have the steroid injection.",
    "It is advisable to wait.",
    "You had better stop aspirin.",
    "The treatment is right for your pain.",
    "Have a week off warfarin.",
    "St\u043ep your tablets.",
)
HARMLESS = (
    "A qualified nurse will read your answers.",
    "Did you stop taking a medicine in the last month?",
    "Is it safe to leave a voicemail on this number?",
    "Keep taking your medicines unless a doctor, nurse or pharmacist tells you to change them.",
    "Before we book, a doctor or nurse will look at this.",
    "Do you take tablets or use insulin?",
    "Have you ever been told that you cannot have X-rays?",
    "Bring your tablets with you.",
    "The pain may stop you from sleeping.",
    "Do not stop any medicine because of this form.",
    "Does the pain start when you walk?",
    "You can have someone with you.",
    "Have you had a high risk pregnancy?",
    "Talk to your doctor before you change any medicine.",
    "Start with the question about your pain.",
    "Did a doctor reduce your tablets after the last visit?",
    "You may be asked to come earlier.",
    "Some medicines used on the day can make you sleepy.",
    "The clinic is approved by the health authority.",
    "Check which medicine it is, the dose, and why it was prescribed.",
)
MORE_DECIDING = (
    "You do not need any tests",
    "Your risk is low",
    "Your chances of bleeding are small.",
    "Don't have your warfarin the night before.",
    "You'll be fine to go ahead.",
    "Your answers show you are a good match for this treatment.",
    "This treatment isn't for you.",
    "You won't be able to have this.",
    "Ask your GP to stop your clopidogrel.",
    "Leave your metformin for two days after the dye.",
    "Make sure you have not taken aspirin for seven days.",
    "We can't treat you if you are pregnant.",
    "You are not someone we can treat.",
    "Low-risk patient: book now.",
    "Risk: moderate.",
    "The patient may be booked without review.",
    "Fast-track this patient.",
    "You passed the screening.",
    "You have CRPS.",
    "Your symptoms suggest sciatica.",
    "It sounds like nerve pain.",
    "You should not drive.",
    "Miss your blood thinner that day.",
    "Try taking ibuprofen instead.",
    "Increase the dose if the pain gets worse.",
    "No need to tell us about aspirin.",
    "Ignore this if you only take aspirin.",
    "Your diabetes is well enough controlled for the injection.",
    "This will take your pain away.",
    "Most people are cured.",
    "You do not need a review.",
    "You need a stronger painkiller.",
    "Avoid insulin before the scan.",
    "Blood thinners: none for 3 days beforehand.",
    "Take your last apixaban two days before.",
    "Your GP can restart warfarin the next day.",
    "Only patients without diabetes get this.",
    "You tick all the boxes for a block.",
    "Diabetics cannot have this.",
    "Expect to be pain free in a week.",
    "We think you should wait.",
    "This is the best treatment for you.",
    "You are cleared for booking.",
    "Book as normal, no doctor needed.",
    "Do not inject insulin that morning.",
    "Your tablets can wait until after.",
    "Tell the patient to miss two doses of dabigatran.",
    "It is fine to have a steroid with diabetes.",
    "Do not worry about your allergy.",
    "The score is 7 out of 10, so this is urgent.",
    "You have a trapped nerve.",
    "Not for people on blood thinners.",
    "Warfarin should be off for five days.",
)
MORE_HARMLESS = (
    "You do not need an appointment to ring us.",
    "The consultant explains the risk with you.",
    "Tell us if you have an infection now.",
    "Your doctor or nurse will talk with you about this.",
    "Which tablets do you take in the morning?",
    "Write down the dose if you know it.",
    "If you miss a call, we ring again.",
    "Can you start the car without pain?",
    "The consultant decides with you.",
    "We may need to ring you.",
    "Do you need a hoist or a lift?",
    "You can go back and change an answer.",
    "This form does not say whether the treatment is for you.",
    "Reception will ask how you plan to get home.",
    "Have you ever had to change your medicine because of a rash?",
    "Some people take aspirin every day.",
    "You may leave this blank.",
    "Has the pain been worse after you stopped a medicine?",
    "Tell the nurse about all your medicines.",
    "This request has been sent.",
    "Look out for a rash.",
    "A doctor or nurse reads every request.",
    "Tell us which days you cannot come.",
    "We will talk about your medicines at the visit.",
    "Are you taking any new tablets?",
    "A nurse may ask for the name of your insulin.",
    "If it gets worse, ring 111.",
    "You need someone to take you home.",
    "How many tablets do you take a day?",
    "The box shows the name of the medicine.",
    "Which doctor gave you the tablets?",
    "Reception must wait with booking until a doctor has read this.",
    "Ask the patient which dose is taken.",
    "The pain may change from day to day.",
    "Do you have trouble with stairs or with standing?",
    "You can ask for a large print letter.",
    "The doctor confirms the side with you.",
    "Have you had this injection before?",
    "Steroids can raise blood sugar for a few days.",
    "An allergy can be to a medicine or to food.",
    "Patients may bring a friend.",
    "Check the kidney function before contrast.",
)
# fmt: on


def refused(sentences: tuple[str, ...]) -> list[str]:
    return [sentence for sentence in sentences if list(banned_words(sentence))]


def test_of_forty_deciding_sentences_two_at_most_go_through() -> None:
    assert len(DECIDING) == 40
    assert len(refused(DECIDING)) >= 38


def test_of_twenty_harmless_sentences_one_at_most_is_refused() -> None:
    assert len(HARMLESS) == 20
    assert len(refused(HARMLESS)) <= 1


def test_the_same_holds_for_other_lists() -> None:
    assert len(refused(MORE_DECIDING)) >= 0.95 * len(MORE_DECIDING)
    assert len(refused(MORE_HARMLESS)) <= 0.05 * len(MORE_HARMLESS)


@pytest.mark.parametrize(
    "text", ["Ho\u00adld your apix\u200baban", "\uff28old your apixaban", "H\u043eld your apixaban"]
)
def test_hidden_wide_and_foreign_letters_hide_nothing(text: str) -> None:
    assert list(banned_words(text))


def test_what_was_found_can_be_allowed_by_its_own_words() -> None:
    (found,) = banned_words("Hold your apixaban.")
    assert found in banned_words(found)
