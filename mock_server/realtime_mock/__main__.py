"""`python -m realtime_mock`: the command `realtime-mock`, where it is not on the path."""

from realtime_mock.cli import main

if __name__ == "__main__":
    main(prog_name="realtime-mock")
