"""`python -m enforcement.simulator --scale S --seed N --out DIR`: the simulator without Django."""

from __future__ import annotations

import argparse
import sys

from .options import add_options, run_with_options


def main() -> int:
    """Exit status 0, or 2 where an option or the folder is no good."""
    parser = argparse.ArgumentParser(prog="simulate_campaign", description="Write a simulated campaign to files.")
    add_options(parser)
    try:
        run_with_options(vars(parser.parse_args()), out=sys.stdout, err=sys.stderr)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
