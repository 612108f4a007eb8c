import Audit
import Cases
import CompanyOpening
import Identity
import Kernel
import Storage
import Web

/// Who is told that an officer read personal data of a case: everybody whose data the form holds, as far as he is known
/// here, and the applicant.
enum CaseReads {
    /// Notes a look before anything is shown.
    /// - Parameters:
    ///   - act: one of `DataReads.acts`.
    ///   - object: the case when nil.
    static func note(
        _ act: String,
        of found: Case,
        object: String? = nil,
        purpose: String?,
        _ visit: Visit,
        _ desk: WorkbenchDesk
    ) async throws {
        let told = visit.occasion
        let occasion = Occasion(
            now: told.now,
            actor: told.actor,
            request: told.request,
            purpose: purpose,
            entropy: told.entropy
        )
        let known = try await desk.database.read { reader in
            try desk.opening.knownPeople(in: found.data, on: told.now.date, in: reader)
        }
        let people = Set(known.map(\.rawValue)).union([found.applicant]).sorted()
        // Not all at once, so that nobody waits long for the writer.
        for start in stride(from: 0, to: people.count, by: writesMax) {
            try await desk.database.write { tx in
                for person in people.dropFirst(start).prefix(writesMax) {
                    _ = try AuditLog.read(
                        act,
                        object: object ?? found.object,
                        of: person,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
        }
    }

    /// Entries written at a time; the rows of the form bound how many there are.
    private static let writesMax = 200
}
