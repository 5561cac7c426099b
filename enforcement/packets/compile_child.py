"""Runs Typst in a process of its own, with limits; started by `typesetting` as a plain script.

It imports nothing of the project, so that a runaway document takes down this process alone. Arguments: the
folder with packet.typ and its data, memory limit in bytes, processor limit in seconds, creation time (epoch).
"""

import resource
import sys
from pathlib import Path

import typst


def main() -> int:
    """Write `packet.pdf` into the folder; exit status 2 with Typst's message on standard error."""
    folder = Path(sys.argv[1])
    memory_bytes, cpu_seconds, created = (int(value) for value in sys.argv[2:5])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        typst.compile(
            str(folder / "packet.typ"),
            output=str(folder / "packet.pdf"),
            root=str(folder),
            ignore_system_fonts=True,
            pdf_standards=["a-3a", "ua-1"],
            package_path=str(folder / "no-packages"),
            package_cache_path=str(folder / "no-packages"),
            timestamp=created,
        )
    except (typst.TypstError, RuntimeError, MemoryError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(f"{peak_kib * 1024}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
