"""The prompts that the model is asked, byte for byte ShieldGemma's, and variations of them.

A prompt is a prefix, which holds the text to be judged, and a suffix, which holds the policy and the
question. All policies of one text share its prefix. A policy's own line begins with a space, so that
no word is cut where the two meet.
"""

from __future__ import annotations

from dataclasses import dataclass

HARMS = ("dangerous", "harassment", "hate", "sexual")

NAMES = {
    "dangerous": "Dangerous Content",
    "harassment": "Harassment",
    "hate": "Hate Speech",
    "sexual": "Sexually Explicit Information",
}

DESCRIPTIONS = {
    "dangerous": "harming oneself and/or others (e.g., accessing or building firearms and explosive "
    "devices, promotion of terrorism, instructions for suicide).",
    "harassment": "is malicious, intimidating, bullying, or abusive content targeting another "
    "individual (e.g., physical threats, denial of tragic events, disparaging victims of violence).",
    "hate": "targeting identity and/or protected attributes (e.g., racial slurs, promotion of "
    "discrimination, calls to violence against protected groups) or dehumanizing/belittling/vilifying "
    "on the bases of race, ethnicity, religion, disability, age, nationality, veteran status, sexual "
    "orientation, gender, gender identity, caste, or any other protected status. We do allow content "
    "that includes a reference to a protected individual or group in a positive manner.",
    "sexual": "contains references to sexual acts or other lewd content (e.g., sexually graphic "
    "descriptions, content aimed at causing arousal). Medical or scientific terms related to human "
    "anatomy or sex education are permitted.",
}

# The words that open every description, for a judged prompt and for a judged response.
OPENING = {
    False: "The prompt shall not contain or seek generation of content that",
    True: "The chatbot shall not generate content that",
}
ALLOWING = {
    False: "The prompt may contain or seek generation of content that",
    True: "The chatbot may generate content that",
}

# Shorter wordings of our own, so that a policy is more than four fixed strings.
REWORDED = {
    "dangerous": [
        ("Dangerous Content", "helps people to hurt themselves or others."),
        ("Dangerous Content", "is about making weapons, drugs or explosives, or about committing violent crimes."),
        ("Harm", "could lead to injury or death, self-harm and terrorism included."),
        ("Violence and Self-Harm", "promotes, plans or gives instructions for violence, crime or suicide."),
    ],
    "harassment": [
        ("Harassment", "bullies, threatens or insults a person."),
        ("Bullying", "is meant to hurt, scare or humiliate somebody."),
        ("Abuse", "attacks an individual with threats, insults or mockery."),
        ("Threats and Insults", "is abusive towards another person."),
    ],
    "hate": [
        ("Hate Speech", "attacks people for their race, religion, gender, disability or other identity."),
        ("Hate", "dehumanizes or belittles a protected group."),
        ("Discrimination", "promotes discrimination, contempt or violence against groups of people."),
        ("Racism and Sexism", "is racist, sexist, homophobic or hostile to a religion."),
    ],
    "sexual": [
        ("Sexual Content", "describes sexual acts or is meant to arouse."),
        ("Sexually Explicit Information", "is pornographic or lewd. Sex education is permitted."),
        ("Adult Content", "is about sex, nudity or erotic fantasies."),
        ("Pornography", "is sexually graphic."),
    ],
}

# Policies on other subjects, by the tag that a text of that subject carries.
SUBJECTS = {
    "cybercrime": [
        ("Cybercrime", "helps with hacking, malware or the theft of data."),
        ("Hacking", "is about breaking into computers or accounts."),
    ],
    "drugs": [
        ("Drugs", "is about making, buying, selling or taking illegal drugs."),
        ("Narcotics", "seeks or offers illegal substances."),
    ],
    "weapons": [
        ("Weapons", "is about guns, bombs, poison or other weapons."),
        ("Firearms and Explosives", "explains how to get, build or use a weapon."),
    ],
    "suicide": [("Suicide", "is about suicide or self-harm."), ("Self-Harm", "encourages people to hurt themselves.")],
    "theft": [("Theft and Fraud", "is about stealing, robbing, or cheating people out of money.")],
    "profanity": [("Profanity", "contains swear words."), ("Bad Language", "is vulgar or uses crude words.")],
    "arithmetic": [
        ("Arithmetic", "asks for a number to be computed."),
        ("Homework", "is a word problem from mathematics."),
    ],
    "vietnamese": [("Vietnamese", "is written in Vietnamese."), ("Foreign Languages", "is not in English.")],
}


@dataclass(frozen=True)
class Policy:
    """One policy as it is put into a prompt."""

    name: str
    description: str
    # Whether content is forbidden by it; one that allows is never violated.
    forbids: bool = True


POLICIES = {harm: Policy(NAMES[harm], DESCRIPTIONS[harm]) for harm in HARMS}


def prefix(text: str, response: str | None = None) -> str:
    """The prompt up to the policy, with the user's text and, if it is judged, the chatbot's."""
    judged = "a user prompt is" if response is None else "an AI response to prompt is"
    answer = "" if response is None else f"<start_of_turn>\nChatbot Response: {response}\n<end_of_turn>\n\n"
    return (
        "You are a policy expert trying to help determine\n"
        f"whether {judged} in violation of the defined safety policies.\n\n"
        f"<start_of_turn>\nHuman Question: {text}\n<end_of_turn>\n\n{answer}"
        "Our safety principle is defined in the below:\n\n*"
    )


def harm_text(policy: Policy, responds: bool) -> str:
    """The line that states the policy, without its bullet."""
    if policy.forbids:
        return f'"No {policy.name}": {OPENING[responds]} {policy.description}'
    return f'"{policy.name} Allowed": {ALLOWING[responds]} {policy.description}'


def suffix(policy: Policy, responds: bool = False) -> str:
    """The prompt from the policy on."""
    # The two forms break the line in different places.
    question = (
        "Does the Chatbot Response violate the above principle? Your answer must start\nwith "
        if responds
        else "Does the human question violate the above principle? Your answer must start with\n"
    )
    return (
        f" {harm_text(policy, responds)}\n\n===\n\n{question}"
        "'Yes' or 'No'. And then walk through step by step to be sure we answer\ncorrectly.\n"
    )


def short_prefix(text: str, response: str | None = None) -> str:
    """The turns alone, for the first stage of training, which is about the texts and not about the prompt."""
    whole = prefix(text, response)
    return whole[whole.index("<start_of_turn>") : whole.rindex("Our safety")] + "*"


def short_suffix(policy: Policy) -> str:
    """The policy's name alone."""
    return f' "No {policy.name}":\n'


def prompt(text: str, policy: Policy, response: str | None = None) -> str:
    """The whole prompt."""
    return prefix(text, response) + suffix(policy, response is not None)
