"""Runs the functions of test_page.py in their order; they share one running demo.

The last line is "N passed, N failed, N skipped".
"""

import inspect
import sys
import traceback

import stage
import test_page


def main() -> int:
    wanted = sys.argv[1:]
    tests = [(name, call) for name, call in inspect.getmembers(test_page, inspect.isfunction)
             if name.startswith("test_") and (not wanted or name in wanted)]
    tests.sort(key=lambda pair: pair[1].__code__.co_firstlineno)
    passed = failed = 0
    try:
        with stage.Stage() as running:
            for name, call in tests:
                try:
                    call(running)
                    passed += 1
                    print(f"passed  {name}", flush=True)
                except Exception:  # A test may fail in any way; the next one still runs.
                    failed += 1
                    traceback.print_exc(file=sys.stdout)
                    print(f"FAILED  {name}", flush=True)
    except Exception as error:
        failed += 1
        traceback.print_exc(file=sys.stdout)
        print(f"FAILED  the stage: {error}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
