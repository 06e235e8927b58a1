"""Where a webhook may not lead: private, reserved and translated addresses, and names that lead there."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from api.faults import Fault
from api.jobs.targets import judge, resolve
from tests.api.serving import Api

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "https://127.0.0.1",
        "https://localhost",
        "https://[::1]/",
        "https://10.1.2.3",
        "https://169.254.169.254/latest",
        f"https://{PUBLIC}:0/x",
        "https://[::ffff:192.168.0.1]",
        "https://[64:ff9b::a00:1]",
        "https://0.0.0.0",
        "https://2130706433",
        f"http://{PUBLIC}",
        f"https://user:secret@{PUBLIC}",
        f"https://{PUBLIC}/#part",
    ],
)
def test_private_and_unsafe_addresses_are_refused(plain: Api, url: str) -> None:
    answer = plain.post("/v1/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["code"]) == (422, "webhook_target_refused"), answer.text
    assert plain.get("/v1/webhooks").json()["items"] == []


@pytest.mark.parametrize(
    ("found", "public"),
    [
        ([PUBLIC], True),
        ([PUBLIC, "10.0.0.1"], False),
        (["2606:2800:220:1::1", PUBLIC], True),
        (["fd00::1"], False),
        (["fe80::1%eth0"], False),
        (["224.0.0.1"], False),
        (["::ffff:93.184.216.34"], False),
        (["2002:a00:1::"], False),
        (["100.64.0.1"], False),
        (["192.0.2.1"], False),
        (["198.51.100.9"], False),
        (["203.0.113.9"], False),
        (["198.18.0.1"], False),
        (["192.88.99.1"], False),
        (["240.0.0.1"], False),
        (["255.255.255.255"], False),
        (["2001:db8::1"], False),
        (["3fff::1"], False),
        (["2001::1"], False),
        (["64:ff9b::5db8:d822"], False),
        (["64:ff9b:1::1"], False),
        (["::5db8:d822"], False),
        (["5f00::1"], False),
        (["ff0e::1"], False),
        (["2a00:1450:4001::1"], True),
        (["8.8.8.8"], True),
    ],
)
def test_every_address_of_a_name_is_judged(found: Sequence[str], public: bool) -> None:
    if public:
        assert judge("https://host.example/x", private=False, lookup=lambda *_: found) == (
            "host.example",
            443,
            found[0],
        )
    else:
        with pytest.raises(Fault):
            judge("https://host.example/x", private=False, lookup=lambda *_: found)
    assert judge("http://host.example:81", private=True, lookup=lambda *_: found) == ("host.example", 81, found[0])


def test_a_name_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def silent(*_: Any, **__: Any) -> Any:
        asked.wait(30)
        raise OSError

    monkeypatch.setattr("socket.getaddrinfo", silent)
    with pytest.raises(Fault, match=r"not resolved within 0\.05 s"):
        resolve("slow.example", 443, patience_s=0.05)
    asked.set()
