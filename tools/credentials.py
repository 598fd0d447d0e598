"""Makes the key and the certificates that files are signed with: content credentials as C2PA has them.

    keras-gans credentials init mine --name="My studio"          writes mine/ with a key, its certificate and an authority
    keras-gans generate dcgan_digits --output=grid.png --sign=mine
    keras-gans verify grid.png --trust=mine/ca.pem               intact, and signed by My studio, who is trusted
    keras-gans credentials renew mine                            a new key and certificate of the same authority

Give mine/ca.pem to those who verify your files, and the rest to nobody. Programs that know only the authorities on C2PA's list
call such files intact, but of an unknown signer. See docs/origin.md. Needs the extra `credentials`.
"""

from __future__ import annotations

from absl import flags

from .common import program

_NAME = flags.DEFINE_string("name", None, "init: who signs, as others will read it.")
_DAYS = flags.DEFINE_float("days", 365, "For how many days the certificate is valid.", lower_bound=0, upper_bound=3650)


def main(arguments: list[str]) -> None:
    """Make or renew credentials and print where they are."""
    if len(arguments) != 2 or arguments[0] not in ("init", "renew"):
        raise ValueError(
            f"say what to do with which folder: init FOLDER --name=NAME, or renew FOLDER; received "
            f"{' '.join(arguments) or 'nothing'}."
        )
    from keras_gans.credentials import create_credentials, renew_credentials

    what, folder = arguments
    if what == "renew":
        if _NAME.value is not None:
            raise ValueError("--name is for init: renewed credentials keep their name.")
        renew_credentials(folder, _DAYS.value)
        print(f"Renewed the key and its certificate in {folder}, valid for {_DAYS.value:g} days.")
        return
    if not _NAME.value:
        raise ValueError('--name is needed: who signs, such as --name="My studio".')
    create_credentials(folder, _NAME.value, _DAYS.value)
    print(f"Wrote the credentials of {_NAME.value} to {folder}: give ca.pem to those who verify your files.")


if __name__ == "__main__":
    program.run(main)
