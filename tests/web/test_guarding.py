"""Who may not: guessers, other sites, previews, a second tab, another company."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from adapters.web import guard
from bot import codes, companies
from storage.tables import Code, Consent, PersonState, Purpose
from tests.conftest import code_in
from tests.web.conftest import PUBLIC_URL, Answer, Site, changed

pytestmark = pytest.mark.asyncio


def without_ids(answer: Answer) -> str:
    return re.sub(r"\d", "", answer.text)


async def test_looking_uses_nothing_up(site: Site) -> None:
    """Mail scanners and chat clients open every link, some of them often."""
    token = site.token(site.person())
    for _ in range(30):
        assert (await site.get(f"/account/{token}", "HEAD")).status == 200
        assert (await site.open(token, **{"User-Agent": "Slackbot-LinkExpanding 1.0"})).status == 200
    assert site.rows(Code, purpose=Purpose.ACCOUNT)[0].used_at is None
    assert (await site.post(token, await site.filled(token))).status == 200


async def test_a_link_that_does_not_work_tells_nothing(site: Site) -> None:
    taro, jiro = site.person(), site.person(name="次郎", email="jiro@example.com")
    used, old = site.token(taro), site.token(jiro, timedelta(hours=1))
    await site.post(used, await site.filled(used))
    site.clock.forward(timedelta(hours=2))
    unknown = f"{site.company_id}.{'x' * 43}"
    nowhere = f"99999.{'x' * 43}"
    answers = [await site.open(token) for token in (used, old, unknown, nowhere)]
    assert {answer.status for answer in answers} == {410}
    assert len({answer.text for answer in answers}) == 1
    assert "人事の担当者" not in answers[0].text  # a browser without a language of ours reads English
    assert "ask the HR team" in answers[0].text
    assert not re.search("太郎|次郎|東都", answers[0].text)
    for token in ("", "abc", "-1.x", "1.", "²." + "x" * 43, "%00.%00", "1.%F0%9F%98%80", "0.0", "9" * 50 + ".x"):
        assert (await site.open(token)).status in (404, 410), token
    japanese = await site.open(unknown, **{"Accept-Language": "fr, ja-JP;q=0.8"})
    assert "このリンクはお使いいただけません" in japanese.text


async def test_a_token_is_long_and_stored_as_a_digest(site: Site) -> None:
    taro = site.person()
    token = site.token(taro)
    secret = token.partition(".")[2]
    assert len(secret) >= 43
    (row,) = site.rows(Code, purpose=Purpose.ACCOUNT)
    assert secret not in repr(row)
    newer = site.token(taro)
    assert (await site.open(token)).status == 410
    assert (await site.open(newer)).status == 200


async def test_guessing_is_slowed_down_for_the_guesser_alone(site: Site) -> None:
    token = site.token(site.person())
    guess = f"{site.company_id}.{'y' * 43}"
    for _ in range(guard.Misses.MOST):
        assert (await site.open(guess, **{"X-Forwarded-For": "203.0.113.7"})).status == 410
    for forged in ("203.0.113.7", "198.51.100.1, 203.0.113.7"):
        slowed = await site.open(guess, **{"X-Forwarded-For": forged})
        assert slowed.status == 429
        assert int(slowed.headers["Retry-After"]) > 0
        assert (await site.post(guess, [("do", "save")], **{"X-Forwarded-For": forged})).status == 429
    assert (await site.open(token, **{"X-Forwarded-For": "203.0.113.8"})).status == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("172.18.0.2", "10.0.0.1, 203.0.113.7", "203.0.113.7"),
        ("8.8.8.8", "203.0.113.7", "8.8.8.8"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("", "203.0.113.7", ""),
    ],
)
async def test_only_a_proxy_of_ours_says_who_asks(peer: str, forwarded: str, address: str) -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": forwarded}).clone(remote=peer)
    assert guard.address_of(request) == address


async def test_misses_are_forgotten_and_cost_little_memory() -> None:
    at = [0.0]
    misses = guard.Misses(lambda: at[0])
    for _ in range(guard.Misses.MOST):
        assert misses.wait("a") == 0
        misses.add("a")
    assert misses.wait("a") > 0
    at[0] = guard.Misses.WINDOW
    assert misses.wait("a") == 0
    misses.add("a")
    assert misses.wait("a") == 0
    for number in range(guard.Misses.ADDRESSES * 2):
        misses.add(str(number))
    assert len(misses._missed) == guard.Misses.ADDRESSES


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": ""},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-site"},
        {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_another_site_cannot_send_the_form(site: Site, headers: dict[str, str]) -> None:
    taro = site.person()
    token = site.token(taro)
    fields = await site.filled(token)
    assert (await site.post(token, fields, **headers)).status == 403
    assert site.stored(taro).state is PersonState.INVITED
    assert (await site.post(token, fields, Origin=PUBLIC_URL)).status == 200


@pytest.mark.parametrize("proof", ["", "0" * 64, "é", None])
async def test_a_form_needs_the_pages_own_proof(site: Site, proof: str | None) -> None:
    taro = site.person()
    token = site.token(taro)
    fields = await site.filled(token, name="山田 次郎")
    other = site.token(site.person(name="花子", email="hanako@example.com"))
    forged = proof if proof is not None else (await site.open(other)).value("proof")
    asked = await site.post(token, [(n, forged if n == "proof" else v) for n, v in fields])
    assert asked.status == 403
    assert "もう一度送信してください" in asked.text
    assert asked.value("name") == "山田 次郎"
    assert site.stored(taro).state is PersonState.INVITED
    assert (await site.post(token, changed(asked))).status == 200
    assert site.stored(taro).name == "山田 次郎"


async def test_of_two_tabs_one_wins_and_the_other_is_told(site: Site) -> None:
    taro = site.person()
    token = site.token(taro)
    fields = await site.filled(token)
    tabs = [site.post(token, [(n, f"太郎{tab}" if n == "name" else v) for n, v in fields]) for tab in range(4)]
    answers = await asyncio.gather(*tabs)
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    won = next(number for number, answer in enumerate(answers) if answer.status == 200)
    assert site.stored(taro).name == f"太郎{won}"
    assert len(site.rows(Consent)) == 2
    assert all("保存していません" in answer.text for answer in answers if answer.status == 409)
    unused = [code for code in site.rows(Code, purpose=Purpose.JOIN) if code.used_at is None]
    assert len(unused) == 1


async def test_an_answer_that_got_lost_can_be_asked_for_again(site: Site) -> None:
    """The browser offers to send the form again; only the page's own form gets the code anew, and not for long."""
    taro = site.person()
    token = site.token(taro)
    fields = await site.filled(token)
    lost = code_in((await site.post(token, fields)).text)
    again = await site.post(token, fields)
    assert again.status == 409
    assert code_in(again.text) != lost
    assert (await site.post(token, [(n, v) for n, v in fields if n != "proof"])).status == 410
    site.clock.forward(timedelta(hours=2))
    assert (await site.post(token, fields)).status == 410


async def test_two_people_cannot_take_one_address_at_once(site: Site) -> None:
    one, two = site.person(), site.person(name="次郎", email="jiro@example.com")
    tokens = [site.token(one), site.token(two)]
    forms = [await site.filled(token, email="both@example.com") for token in tokens]
    answers = await asyncio.gather(*(site.post(token, form) for token, form in zip(tokens, forms, strict=True)))
    assert sorted(answer.status for answer in answers) == [200, 422]


async def test_a_token_of_one_company_opens_nothing_in_another(site: Site) -> None:
    other = companies.create(site.database, "Example Ltd", "en", "Europe/London", site.now())
    token = site.token(site.person())
    secret = token.partition(".")[2]
    assert (await site.open(f"{codes.company_in(other)}.{secret}")).status == 410
    assert (await site.open(f"0.{secret}")).status == 410
    assert (await site.open(token)).status == 200


async def test_what_is_too_large_or_no_form_is_refused(site: Site) -> None:
    taro = site.person()
    token = site.token(taro)
    fields = await site.filled(token)
    assert (await site.post(token, [*fields, ("x", "x" * 300_000)])).status == 413
    assert (await site.post(token, [*fields, *[("skill", "x")] * 300])).status == 413
    json: Any = b'{"name": "x"}'
    assert (await site.post(token, json, **{"Content-Type": "application/json"})).status == 415
    long = await site.post(token, changed(await site.open(token), name="山" * 3000, consent=["contact", "directory"]))
    assert long.status == 422
    assert long.value("name") == "山" * 3000
    assert site.stored(taro).name == "山田 太郎"


@pytest.mark.parametrize("path", ["/privacy", "/terms", "/account/{token}", "/account/1.nothing", "/account/x"])
async def test_every_page_keeps_to_itself(site: Site, path: str) -> None:
    answer = await site.get(path.format(token=site.token(site.person())))
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" in headers
    assert "Set-Cookie" not in headers
    assert not answer.form.scripts
    assert "http" not in re.sub(r"https?://(alumni|join)\S*", "", answer.text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"&&&===;;;%%%",
        b"name=%ED%A0%80%00&email=%00@%00.%00&skill=%F0%9F&consent=contact&consent=directory",
        b"name=x&email=a@b.c&consent=contact&consent=directory&see.city=&locale=%00",
        b"name=x&email=a@b.c&consent=%3Cscript%3E&see.nothing=everyone&do=nonsense",
        b"do=lang:%3Cb%3E&locale=xx",
        b"do=romaji&reading=%E3%83%BC%E3%83%83%E3%82%83",
        b"name=x&email=a@b.c&skill=" + "あ,".encode() * 2000,
    ],
)
async def test_whatever_is_sent_is_no_crash(site: Site, body: bytes) -> None:
    taro = site.person()
    token = site.token(taro)
    proof = (await site.open(token)).value("proof").encode()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for sent in (body, body + b"&proof=" + proof, body + b"&do=save&proof=" + proof):
        answer = await site.post(token, sent, **form)
        assert answer.status in (200, 403, 413, 422), answer.text
        assert not answer.form.scripts
    assert site.stored(taro).state is PersonState.INVITED
