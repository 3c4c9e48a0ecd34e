// VenueCertificates.swift — how long the venue's certificates still hold, for the doctor.
import Core

/// Of one host.
struct VenueCertificate: Sendable, Equatable {
    let host: String
    /// When it expires, UTC seconds; nil: none was seen.
    let end: Int64?
    /// Why none was seen.
    let problem: String?
}

enum VenueCertificates {
    /// Venues renew at least a month ahead; whoever is later has forgotten.
    static let warnDays: Int64 = 21

    /// One check over all hosts; `wall` in UTC nanoseconds.
    static func check(_ certificates: [VenueCertificate], wall: Int64) -> DoctorCheck {
        let (id, name) = ("venue.certificates", "venue's certificates")
        if let failed = certificates.first(where: { $0.problem != nil }) {
            return DoctorCheck(
                id, name, .fail, "\(failed.host): \(failed.problem ?? "")",
                mend: "Expired or not yet valid: look at this machine's clock, then ask the venue. "
                    + "Not trusted: somebody stands between, or ca_file is another venue's.")
        }
        let days = certificates.compactMap { certificate in
            certificate.end.map { (certificate.host, ($0 - wall / 1_000_000_000) / 86_400) }
        }
        let text = days.map { "\($0.0) \($0.1) days" }.joined(separator: ", ")
        let isSoon = days.contains { $0.1 < warnDays }
        return DoctorCheck(
            id, name, isSoon ? .warn : .ok, "left: \(text)",
            mend: "The venue must renew it; the bot takes the new one at its next connect.")
    }
}
