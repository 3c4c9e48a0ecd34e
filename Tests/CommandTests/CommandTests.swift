// CommandTests.swift — the real program from end to end, one test after the other.
//
// The network and the wall clock are the subject here. Each wait has a limit, and every test has
// a folder, a venue and ports of its own.
import Testing

@Suite(
    "Commands", .serialized,
    .enabled(if: Program.exists, "no program at NEEDLETAIL_BIN; `make release` builds it"))
enum CommandTests {}
