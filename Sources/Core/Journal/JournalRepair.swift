// JournalRepair.swift — the core's repair of a damaged journal.
import CCore

public enum JournalRepair {
    /// Takes away everything from the first damaged record on, or a torn tail; what is taken away
    /// lies in `keep`, a folder that exists. Returns what was found before. `.locked`: a bot uses
    /// the journal; `.refused`: no record would be left. Any thread.
    public static func run(
        _ directory: String, keep: String
    ) throws(CoreError) -> JournalFindings {
        var before = nt_journal_found()
        let status = directory.withCString { path in
            var c = nt_journal_config()
            c.directory = path
            c.files = nt_files_system()
            c.clock = nt_clock_system()
            c.inline_drain = true
            return nt_journal_repair(&c, keep, &before)
        }
        try check(status, "repairing the journal")
        return JournalFindings(before, nil)
    }
}
