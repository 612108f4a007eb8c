import Credentials
import Cryptography
import Documents
import Identity
import Kernel
import Storage
import Web

/// Asking for a seal, approving that, and putting it.
enum SealRequestActs {
    static func ask(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let own = try await SealActs.require(visit, desk)
        let (occasion, person) = (visit.occasion, try SealActs.person(visit))
        return try await SealActs.answer(.ask, visit, desk) {
            let file = visit.form.file("ask-file")
            let bytes = file?.bytes ?? []
            let subject = SealSubject(
                digest: Hex.encode(SM3.digest(bytes)),
                name: visit.form.trimmed("ask-name") ?? String((file?.fileName ?? "").prefix(200)),
                kind: visit.form.trimmed("ask-kind") ?? "",
                purpose: visit.form.trimmed("ask-purpose") ?? "",
                caseNumber: visit.form.trimmed("ask-case") ?? ""
            )
            let missing = bytes.isEmpty ? "ask-file" : nil
            guard subject.faults.isEmpty, missing == nil else {
                throw SealRefused(.ask, subject.faults, missing: missing, visit)
            }
            // Nobody is asked to approve what cannot be sealed afterwards.
            let limits = desk.verification(visit.now.date).package
            if own.state(at: visit.now) == .active {
                try await desk.seals.package(bytes, for: own, limits: limits)
            }
            let seal = try await desk.database.write { tx in
                let seal = try SealPages.own(SealActs.uses, visit, desk, in: tx)
                try SealRequests.ask(for: subject, with: seal.id, by: person, occasion: occasion, in: tx)
                return seal
            }
            return .redirect(to: SealSaid.ask.path(seal, "#requests"))
        }
    }

    /// The request of the path, which has to be one of the seal's.
    private static func own(_ visit: Visit, of seal: Seal, in reader: any Reader) throws -> SealRequest {
        guard let request = try SealRequests.find(ID(try visit.segment("request")), in: reader),
            request.seal == seal.id
        else { throw WebRefusal.notFound }
        return request
    }

    static func find(_ visit: Visit, _ desk: PortalDesk) async throws -> SealRequest {
        try await desk.database.read { reader in
            try own(visit, of: SealPages.own(SealActs.uses, visit, desk, in: reader), in: reader)
        }
    }

    static func decide(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let request = try await find(visit, desk)
        if visit.form["answer"] == "confirm" { return try await SealConfirming.confirm(request, visit, desk) }
        let isRefused = visit.form["answer"] == "refuse"
        let reason = visit.form.trimmed("reason-\(request.id)")
        let digest = visit.form.trimmed("digest") ?? ""
        let (occasion, person) = (visit.occasion, try SealActs.person(visit))
        return try await SealActs.answer(.request(request.id), visit, desk) {
            let seal = try await desk.database.write { tx in
                let seal = try SealPages.own(SealActs.uses, visit, desk, in: tx)
                try SealRequests.decide(
                    request.id,
                    digest: digest,
                    refusal: isRefused ? reason ?? "" : nil,
                    by: person,
                    occasion: occasion,
                    in: tx
                )
                return seal
            }
            let said: SealSaid = isRefused ? .refuse : .approve
            return .redirect(to: said.path(seal, "#request-\(request.id)"))
        }
    }

    static func withdraw(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let request = try await find(visit, desk)
        let (occasion, person) = (visit.occasion, try SealActs.person(visit))
        return try await SealActs.answer(.request(request.id), visit, desk) {
            let seal = try await desk.database.write { tx in
                let seal = try SealPages.own(SealActs.uses, visit, desk, in: tx)
                try SealRequests.withdraw(request.id, by: person, occasion: occasion, in: tx)
                return seal
            }
            return .redirect(to: SealSaid.withdraw.path(seal, "#requests"))
        }
    }

    /// Says whether somebody's copy of the file is the one that the request names; it is not kept.
    static func compare(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let request = try await find(visit, desk)
        let form = SealForm.request(request.id)
        guard let file = visit.form.file("file-\(request.id)"), !file.bytes.isEmpty else {
            let missing = SealRefused(form, [], missing: "file-\(request.id)", visit)
            return try await SealPages.show(visit, desk, refused: missing)
        }
        let isSame = Hex.encode(SM3.digest(file.bytes)) == request.subject.digest
        let compared = SealCompared(request: request.id, isSame: isSame)
        return try await SealPages.show(visit, desk, compared: compared)
    }

    /// Hands out the sealed file; it is not kept, only its digest.
    static func sign(_ visit: Visit, _ desk: PortalDesk) async throws -> Reply {
        let request = try await find(visit, desk)
        let form = SealForm.request(request.id)
        return try await SealActs.answer(form, visit, desk) {
            guard let file = visit.form.file("file-\(request.id)"), !file.bytes.isEmpty else {
                throw SealRefused(form, [], missing: "file-\(request.id)", visit)
            }
            let sealed = try await desk.seals.sign(
                request.id,
                document: file.bytes,
                isLocking: visit.form["lock-\(request.id)"] != nil,
                limits: desk.verification(visit.now.date).package,
                by: try SealActs.person(visit),
                occasion: visit.occasion
            )
            let name = visit.text("seal.sealed-name", ["name": request.subject.name])
            return .file(sealed.bytes, type: "application/ofd", name: "\(name).ofd", keeping: .never)
        }
    }
}
