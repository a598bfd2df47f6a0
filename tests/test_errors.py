import pytest

from retention_lib.errors import ConfigError, DataError, NotebookError, RetentionError, redacted

SECRETS = [
    "postgresql://bob:S3cretPw@localhost/shop",
    "data/clients/x/postgresql:/bob:S3cretPw@localhost/shop",
    "['postgresql://bob:S3cretPw@localhost/shop']",
    "duckdb://S3cretPw@x",
    "https://bob:S3/c?r@S3cretPw@host/x",
    "mysql+pymysql://bob:an S3cretPw@host/x",
    "POSTGRES://bob:S3cretPw@host, and https://ann:S3cretPw@other",
    "postgresql://bob:S3cretPw...",
    "postgresql://bob:12S3cretPw",
    "postgresql://host/shop?user=bob&password=S3cretPw&x=1",
    "host=h password='the S3cretPw' dbname=d",
    'PWD = "S3cretPw";',
    "duckdb:md:x?motherduck_token=S3cretPw",
    "access_token=S3cretPw",
    "client_secret=S3cretPw",
]


@pytest.mark.parametrize("text", SECRETS)
@pytest.mark.parametrize("error", [RetentionError, ConfigError, DataError, NotebookError])
def test_no_error_carries_a_secret(error, text):
    message = str(error(f"It failed: {text} is wrong."))
    assert "S3c" not in message
    assert "***" in message
    assert message.startswith("It failed: ")
    assert redacted(message) == message


@pytest.mark.parametrize(
    "text",
    [
        "write it as in postgresql://${DB_USER}:${DB_PASSWORD}@host/database",
        "postgresql://${DB_USER}@host and password=${WORD}",
        "postgresql://host:5432/shop (table a) cannot be read.",
        "sqlite:///input/shop.sqlite, named in client.yaml, is missing: look there.",
        "a@b.pl wrote 'token' and 10:30",
        "C:/Users/me/a.csv: column 'x' is missing",
    ],
)
def test_what_is_no_secret_stays(text):
    assert redacted(text) == text
    assert str(ConfigError(text)) == text


def test_other_arguments_stay():
    assert ConfigError().args == ()
    assert ConfigError(7, "password=x").args == (7, "password=***")
