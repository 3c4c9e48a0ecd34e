// GuardCheck.swift — what `needletail doctor` says of the guard.
import Core

enum GuardCheck {
    static func of(_ configuration: Configuration) -> DoctorCheck {
        let (id, name) = ("guard.ready", "guard")
        guard configuration.mode == .live else {
            return DoctorCheck(id, name, .skip, "mode: \(configuration.mode.rawValue)")
        }
        guard configuration.guardian.enabled else {
            return DoctorCheck(
                id, name, .warn, "none: orders stay at the venue when the bot hangs or dies",
                mend: "Set guard.enabled: true.")
        }
        do throws(BotError) {
            let directory = DataDirectory(configuration.dataDirectory)
            if try GuardReport.read(directory, last: 0).isGuarded {
                return DoctorCheck(id, name, .ok, "at work")
            }
        } catch {
            return DoctorCheck(id, name, .fail, error.text, mend: "Delete the file it names.")
        }
        guard configuration.guardian.start else {
            return DoctorCheck(
                id, name, .fail, "none is at work, and the bot is told not to start one",
                mend: "Start needletail-guard -c FILE, or set guard.start: true.")
        }
        guard GuardProcess.program != nil else {
            return DoctorCheck(
                id, name, .fail, "needletail-guard is not beside this program",
                mend: "`make release` builds both.")
        }
        return DoctorCheck(id, name, .ok, "the bot starts it")
    }
}
