import Cases
import Credentials
import Cryptography
import ElectronicSeals
import Forms
import Kernel
import Server
import Storage

/// A signature that a signer makes elsewhere.
struct ElsewhereAct: Sendable {
    /// Whose certificate it is by, as the story calls that authority.
    var authority: String
    /// Whom the certificate names; nil: the signer.
    var certificateOf: String?
    /// For how many of the papers, from the first on; nil: for all.
    var papers: Int?
}

extension Scenario {
    static func elsewhereAct(_ node: SourceNode) throws(DefinitionError) -> ElsewhereAct {
        let map = try node.map(["authority", "of", "papers"])
        var act = ElsewhereAct(authority: try map.needed("authority").word())
        act.certificateOf = try map["of"]?.word()
        act.papers = try map["papers"]?.integer(0...100)
        return act
    }
}

extension Stage {
    /// The root of an authority of others, made when a story first speaks of it.
    func authority(_ name: String) throws -> CertificateAuthority {
        if let known = authorities[name] { return known }
        let root = try CertificateAuthority.root(
            CertificateRequest(
                subject: DistinguishedName(organization: name, commonName: name),
                serial: platform.settings.entropy.bytes(16),
                validFrom: now + -Instant.day,
                validUntil: now + 3_650 * Instant.day
            )
        )
        authorities[name] = root
        return root
    }

    /// Two officials recognise an authority of others, for persons and enterprises everywhere.
    func recognise(_ name: String, by official: String) async throws {
        let draft = AuthorityDraft(
            name: name,
            certificates: try authority(name).certificate.pem,
            holders: [.person, .enterprise],
            areas: [],
            from: now.date,
            until: nil
        )
        let first = occasion(Actor(.staff, id: official, role: "head"))
        let second = occasion(Actor(.staff, id: "second-official", role: "head"))
        try await platform.database.write { tx in
            let proposal = try TrustDesk.propose(
                recognising: draft,
                because: "互认协议",
                occasion: first,
                in: tx
            )
            try TrustDesk.decide(proposal.id, isConfirmed: true, occasion: second, in: tx)
        }
    }

    /// By the link in the message: the bytes are taken away, signed with a certificate of the authority, and handed in.
    func signElsewhere(_ name: String, _ act: ElsewhereAct) async throws {
        let secret = try link(of: name)
        let view = try await platform.desk.openLink(secret, occasion: occasion(.anonymous))
        if view.refusal(of: proofs[view.subject.id]?[name], at: now) != nil {
            try await checkFace(of: name, 950)
        }
        let owner = act.certificateOf.flatMap { cast.people[$0] }
        let identity = try authority(act.authority).identity(
            CertificateRequest(
                subject: DistinguishedName(
                    commonName: act.certificateOf ?? view.signer.name,
                    serialNumber: owner?["idNumber"].text ?? view.signer.idNumber
                ),
                serial: platform.settings.entropy.bytes(16),
                validFrom: now + -Instant.hour,
                validUntil: now + 365 * Instant.day
            ),
            for: .signatures
        )
        let (stamps, moment) = (platform.credentials.stamps(at: now), now)
        var envelopes: [String: [UInt8]] = [:]
        for paper in view.papers.prefix(act.papers ?? view.papers.count) {
            let text = Array(paper.content.utf8)
            envelopes[paper.kind] = try SignedEnvelope.sign(text, by: identity, at: moment) {
                value throws(CryptographyError) in
                try stamps.token(for: SM3.digest(value), .sm3, now: moment)
            }
        }
        _ = try await platform.desk.sign(
            secret,
            proof: proofs[view.subject.id]?[name],
            elsewhere: envelopes,
            occasion: occasion(.anonymous)
        )
    }

    /// How many certificates stand in the list that an authority of the platform published last.
    func checkLists(_ expected: Expectation) async throws -> [String] {
        var wrong: [String] = []
        for (issuer, wanted) in expected.lists.sorted(by: { $0.key < $1.key }) {
            let list = try await platform.database.read { try RevocationLists.published(of: issuer, in: $0) }
            let read = try list.map { try Revocations(reading: [$0.der], limits: .unlimited) }
            let count = read.map { $0.national.map(\.count) + $0.international.map(\.count) }?.first
            let found = count.map { String($0) } ?? "none"
            if found != wanted { wrong.append("list \(issuer): expected \(wanted), found \(found)") }
        }
        return wrong
    }
}
