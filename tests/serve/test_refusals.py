"""Requests that are not answered as asked: one shape for every cause."""

import pytest

from dfd_tf.errors import UserError
from dfd_tf.serve.settings import Settings, parse_proxy, parse_rate

from .conftest import running

TOKEN = "a-long-word-that-nobody-guesses"


def check(answer, status, name):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    problem = answer.json()
    assert problem["status"] == status
    assert problem["type"] == f"urn:dfd:problem:{name}"
    assert problem["request"] == answer.headers["x-request-id"]
    assert len(problem["detail"]) > 10


def test_wrong_requests(whole, encode, form):
    check(whole.get("/nothing"), 404, "not-found")
    check(whole.get("/v1/images"), 405, "method-not-allowed")
    check(whole.get("/v1/models/another"), 404, "no-model")
    check(whole.post("/v1/images", json={"url": "http://example.org/a.jpg"}), 415, "no-form")
    check(whole.post("/v1/images", data={"a": "b"}, files={"c": b"d"}), 422, "no-photos")
    check(whole.post("/v1/images", files={"photo": encode()}), 422, "no-photos")
    many = form(**{str(i): b"x" for i in range(17)})
    check(whole.post("/v1/images", files=many), 422, "no-photos")
    check(whole.post("/v1/images?explain=perhaps", files=form(a=b"x")), 422, "invalid-request")
    broken = {"content-type": "multipart/form-data"}
    check(whole.post("/v1/images", content=b"x", headers=broken), 422, "no-photos")
    broken = {"content-type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x", b"--x\r\nnothing\r\n\r\n--x--", bytes(1000)):
        check(whole.post("/v1/images", content=body, headers=broken), 422, "no-photos")


@pytest.fixture(scope="module")
def narrow():
    limits = {"max_body": 20_000, "max_uploads": 20_000, "upload_timeout": 0.5}
    with running(Settings(faces="whole", workers=1, **limits)) as (client, _):
        yield client


def test_a_body_that_says_that_it_is_too_large(narrow, form):
    check(narrow.post("/v1/images", files=form(a=bytes(30_000))), 413, "body-too-large")


def test_a_body_that_turns_out_to_be_too_large(narrow):
    def chunks():
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
        for _ in range(30):
            yield bytes(1000)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    check(narrow.post("/v1/images", content=chunks(), headers=headers), 413, "body-too-large")


def test_what_was_refused_is_not_held(narrow, encode, form):
    for _ in range(3):
        narrow.post("/v1/images", files=form(a=bytes(30_000)))
        assert narrow.post("/v1/images", files=form(a=encode())).status_code == 200


def test_the_token_guards_the_api_and_the_figures_but_not_the_probes(encode, form):
    with running(Settings(faces="whole", workers=1, token=TOKEN)) as (client, _):
        assert client.get("/").status_code == 200
        for path in ("/v1/models", "/metrics"):
            check(client.get(path), 401, "no-token")
        check(client.post("/v1/images", files=form(a=encode())), 401, "no-token")
        for wrong in ("Bearer nothing", f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN}ä"):
            refused = client.get("/v1/models", headers={"authorization": wrong.encode()})
            check(refused, 401, "no-token")
            assert refused.headers["www-authenticate"] == "Bearer"
        right = {"authorization": f"Bearer {TOKEN}"}
        assert client.get("/v1/models", headers=right).status_code == 200


def test_a_client_is_slowed_and_others_are_not(encode, form):
    settings = Settings(
        faces="whole",
        workers=1,
        rate=parse_rate("2/minute"),
        proxies=(parse_proxy("10.0.0.0/8"), parse_proxy("192.0.2.7")),
    )
    with running(settings) as (client, _):
        transport = client._transport

        def ask(peer, *forwarded):
            transport.client = (peer, 1)
            headers = [("x-forwarded-for", value) for value in forwarded]
            return client.post("/v1/images", files=form(a=encode()), headers=headers)

        assert [ask("203.0.113.1").status_code for _ in range(2)] == [200, 200]
        refused = ask("203.0.113.1")
        check(refused, 429, "too-many-requests")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        # Whoever is no proxy may claim what they like.
        check(ask("203.0.113.1", "198.51.100.1"), 429, "too-many-requests")
        # Behind proxies the last address counts that is none of theirs, not the first.
        assert ask("10.1.1.1", "203.0.113.1, 198.51.100.2, 192.0.2.7").status_code == 200
        check(ask("10.1.1.1", "198.51.100.9, 203.0.113.1"), 429, "too-many-requests")
        check(ask("10.1.1.1", "198.51.100.9", "203.0.113.1, 192.0.2.7"), 429, "too-many-requests")
        # A home has many addresses of IPv6.
        told = [ask("2001:db8:0:1::1"), ask("2001:db8:0:1::2"), ask("2001:db8:0:1:ffff::3")]
        assert [answer.status_code for answer in told] == [200, 200, 429]


def test_pages_of_others_may_not_ask(whole, encode, form):
    for site in ("cross-site", "same-site"):
        foreign = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}
        answer = whole.post("/v1/images", files=form(a=encode()), headers=foreign)
        check(answer, 403, "foreign-page")
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert whole.get("/", headers=followed).status_code == 200
    check(whole.get("/v1/models", headers={"host": "rebound.example"}), 421, "foreign-host")


def test_a_taken_request_id_is_kept_and_a_strange_one_is_not(whole):
    kept = whole.get("/healthz", headers={"x-request-id": "abc-1"})
    assert kept.headers["x-request-id"] == "abc-1"
    made = whole.get("/healthz", headers={"x-request-id": "a b\u00e4".encode("latin-1")})
    assert len(made.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    "wrong",
    [{"workers": 0}, {"waiting": -1}, {"timeout": 0}, {"max_uploads": 1}, {"token": "short"}],
)
def test_settings_that_cannot_be(wrong):
    with pytest.raises(UserError, match=next(iter(wrong))):
        Settings(**wrong)


def test_rates_and_proxies_in_words():
    with pytest.raises(UserError, match="60/minute"):
        parse_rate("often")
    with pytest.raises(UserError, match="no address of a proxy"):
        parse_proxy("10.0.0.1/8/8")
