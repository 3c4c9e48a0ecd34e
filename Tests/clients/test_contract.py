"""What `sim serve --json` says about itself, as docs promise it."""

import os
import ssl
import stat
import urllib.error
import urllib.request

import pytest

import simulator


def test_document_has_every_key(details):
    assert [key for key in simulator.KEYS if not details.get(key)] == []
    assert details["venue"] == "binance"
    assert details["rest_url"].startswith("https://")
    assert details["rest_url"].count("/") == 2, "the origin only"
    assert details["ws_url"].startswith("wss://")
    assert details["ws_api_url"].startswith("wss://")


def test_key_file_is_private(details):
    mode = stat.S_IMODE(os.stat(details["ed25519_key_file"]).st_mode)
    assert mode & 0o077 == 0, oct(mode)


def test_certificate_is_checked_by_name_and_authority(details):
    """Works with the simulator's CA, and is refused without it."""
    url = details["rest_url"] + "/api/v3/ping"
    trusting = ssl.create_default_context(cafile=details["ca_file"])
    with urllib.request.urlopen(url, context=trusting, timeout=10) as reply:
        assert reply.status == 200
    doubting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, context=doubting, timeout=10)
