from decimal import Decimal

import pytest

from enforcement.web.templatetags import figures

GAP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("value", "words"),
    [(25014, "25,014"), (0, "0"), (None, "none"), (25.6, "25.6"), (-161, "−161"), ("round 2", "round 2"), ("", "none")],
)
def test_full_numbers_are_exact(value, words):
    assert figures.full(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (28_806_417, f"28.8{GAP}M"),
        (1_940_000, f"1.94{GAP}M"),
        (999_999, "999,999"),
        (9_999_999, f"10.0{GAP}M"),
        (288_000_000, f"288{GAP}M"),
        (1_200_000_000, f"1.20{GAP}bn"),
        (Decimal(2_500_000), f"2.50{GAP}M"),
        (None, "none"),
    ],
)
def test_short_numbers_keep_three_digits_above_a_million(value, words):
    assert figures.short(value) == words


@pytest.mark.parametrize(
    ("share", "decimals", "words"),
    [
        (0.66, 0, f"66{GAP}%"),
        (0.00008, 3, f"0.008{GAP}%"),
        (0.001, 0, f"under 1{GAP}%"),
        (0.999, 0, f"over 99{GAP}%"),
        (0, 0, f"0{GAP}%"),
        (1, 0, f"100{GAP}%"),
        (None, 0, "none"),
    ],
)
def test_a_share_that_is_not_all_or_nothing_never_shows_as_all_or_nothing(share, decimals, words):
    assert figures.percent(share, decimals) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(64, f"64{GAP}bytes"), (999, f"999{GAP}bytes"), (812_000, f"812{GAP}kB"), (3_100_000_000, f"3.1{GAP}GB")],
)
def test_sizes_are_in_decimal_units(value, words):
    assert figures.size(value) == words


def test_list_heads_count_to_ten_thousand():
    assert figures.head_count(10_000) == "10,000"
    assert figures.head_count(10_001) == "10,000+"


def test_nouns_follow_their_number():
    assert figures.counted(1, "account") == "1 account"
    assert figures.counted(25014, "account") == "25,014 accounts"
    assert figures.counted(2, "policy,policies") == "2 policies"


def test_a_digest_stands_in_groups_of_eight_with_the_first_marked():
    shown = figures.digest("b4842c6d529481de")
    assert shown == '<code class="digest"><mark>b4842c6d</mark> 529481de</code>'


def test_a_difference_shows_its_sign_before_its_colour():
    assert ">+32<" in figures.change(32)
    assert ">−161<" in figures.change(-161)
    assert figures.change(0) == "0"


@pytest.mark.parametrize(("name", "letters"), [("Ines Calloway", "IC"), ("Priya", "P"), ("", "–"), (None, "–")])
def test_initials_come_from_first_and_last_name(name, letters):
    assert figures.initials(name) == letters


def test_bits_say_their_unit():
    assert figures.bits(12.24) == f"12.2{GAP}bits"


def test_words_join_with_and():
    assert figures.words_list(["a", "b", "c"]) == "a, b and c"
    assert figures.words_list([]) == "none"
