import Audit
import Cryptography
public import Kernel
import Storage

/// The secret of a signing link: 128 random bits. The case keeps only the digest. The message that carries the link and
/// the line to the carrier hold it sealed; it goes out of the line when the carrier has it, and out of the message when
/// the link is replaced or has ended; the link of a grant leads to the page of the objection, and stays.
public struct SigningLink: Sendable {
    public let signer: String
    public let secret: String

    public static func make(for signer: String, entropy: some Entropy) -> SigningLink {
        SigningLink(signer: signer, secret: Base32.encode(entropy.bytes(16)))
    }

    /// What is stored and looked up.
    public static func digest(_ secret: String) -> String {
        Hex.encode(SM3.digest(Array("suban sign link ".utf8) + Array(secret.utf8)))
    }
}

extension CaseDesk {
    /// Generates the papers and invites everybody who must sign, each by a link of his own.
    ///
    /// Who has signed a paper whose text did not change need not sign it again. Whose papers did change gets a fresh
    /// link, with a message that says so. A person the form no longer names is dropped; a person named anew is invited,
    /// and so is one whose name, document or telephone was changed.
    /// - Returns: the links made now, one for each newly invited signer.
    /// - Throws: `CaseError.incomplete` when the form still has problems.
    @discardableResult
    public func askSignatures(_ id: ID<Case>, occasion: Occasion) async throws -> [SigningLink] {
        let before = try await read(id)
        guard before.applicant == occasion.actor.id else { throw CaseError.notYours }
        let definition = try await definition(of: before)
        let problems = check(before, definition: definition, occasion: occasion)
        guard problems == 0 else { throw CaseError.incomplete(fields: problems) }
        let module = try module(of: definition)
        let limits = definition.limits(before.region, occasion.now.date)
        let papers = try module.papers(for: before, limits: limits, on: occasion.now.date)
        let cap = SentLinks.Cap(limits: limits)
        let triesMax = limits["faceTries"].int ?? 0
        let needs = Self.needs(of: papers)
        let links = needs.map { SigningLink.make(for: $0.signer.key, entropy: occasion.entropy) }
        let expires = try expiry(of: before, definition: definition, occasion: occasion)
        return try await database.write { tx in
            var current = try CaseStore.lock(id, in: tx)
            guard current.version == before.version else {
                throw CaseError.changedMeanwhile(act: "saved", at: occasion.now)
            }
            current.state = try current.state.after(.askSignatures, in: current.procedure)
            let asked = try CaseStore.update(current, in: tx)
            try SignerStore.setPapers(papers, of: id, text: asked.text, in: tx)
            _ = try voidStale(of: id, occasion: occasion, in: tx)
            try endChecks(of: asked, needs: needs, limits: limits, occasion: occasion, in: tx)
            let state = try SignerStore.state(of: id, in: tx)
            let known = Dictionary(uniqueKeysWithValues: state.signers.map { ($0.key, $0) })
            var made: [SigningLink] = []
            var over: Set<String> = []
            for (need, link) in zip(needs, links) {
                if var signer = known[need.signer.key] {
                    let replaced = signer.link
                    if signer.isOther(than: need.signer) {
                        _ = try void(signer, of: id, occasion: occasion, in: tx)
                        signer.restart(as: need.signer, triesMax: triesMax, occasion: occasion)
                    }
                    signer.roles = need.signer.roles
                    signer.papers = need.papers
                    if signer.state == .dropped { signer.comeBack(triesMax: triesMax) }
                    let (isNew, isChanged) = (signer.isLinkClosed, signer.isLinkOfChanged)
                    if isNew {
                        over.insert(replaced)
                        signer.link = SigningLink.digest(link.secret)
                        signer.invitedAt = occasion.now
                        signer.expiresAt = expires
                    }
                    try SignerStore.update(signer, in: tx)
                    if isNew {
                        let changed = isChanged ? state.open(signer) : []
                        try invite(signer, link, to: asked, changed, cap: cap, occasion: occasion, in: tx)
                        made.append(link)
                    }
                } else {
                    let signer = Signer(
                        need,
                        of: id,
                        link: SigningLink.digest(link.secret),
                        at: occasion.now,
                        expires: expires
                    )
                    try SignerStore.insert(signer, in: tx)
                    try invite(signer, link, to: asked, [], cap: cap, occasion: occasion, in: tx)
                    made.append(link)
                }
            }
            try drop(known.values, but: Set(needs.map(\.signer.key)), in: tx)
            try forgetLinks(of: asked, over, in: tx)
            try note(
                "signatures-asked",
                on: asked,
                details: ["signers": JSON(needs.count), "papers": JSON(papers.count)],
                occasion: occasion,
                in: tx
            )
            return made
        }
    }

    /// Who is no longer named signs nothing.
    private func drop(_ signers: some Sequence<Signer>, but named: Set<String>, in tx: any Transaction) throws
    {
        for var signer in signers where !named.contains(signer.key) && signer.state != .dropped {
            signer.state = .dropped
            try SignerStore.update(signer, in: tx)
        }
    }

    /// Sends one signer a fresh link; the old one no longer opens.
    /// - Throws: `CaseError.tooManyLinks` when he, or his telephone, had the day's number of links.
    public func renewLink(_ id: ID<Case>, signer key: String, occasion: Occasion) async throws -> SigningLink
    {
        let before = try await read(id)
        guard before.applicant == occasion.actor.id else { throw CaseError.notYours }
        guard before.state == .signing else {
            throw CaseError.notAllowed(event: .askSignatures, in: before.state)
        }
        let definition = try await definition(of: before)
        let expires = try expiry(of: before, definition: definition, occasion: occasion)
        let cap = SentLinks.Cap(limits: definition.limits(before.region, occasion.now.date))
        let link = SigningLink.make(for: key, entropy: occasion.entropy)
        try await database.write { tx in
            let state = try SignerStore.state(of: id, in: tx)
            guard var signer = state.active.first(where: { $0.key == key }) else {
                throw CaseError.linkUnknown
            }
            let changed = signer.isLinkOfChanged ? state.open(signer) : []
            try forgetLinks(of: before, [signer.link], in: tx)
            signer.link = SigningLink.digest(link.secret)
            signer.invitedAt = occasion.now
            signer.expiresAt = expires
            try SignerStore.update(signer, in: tx)
            try invite(signer, link, to: before, changed, cap: cap, occasion: occasion, in: tx)
            try note("signer-reminded", on: before, occasion: occasion, in: tx)
        }
        return link
    }

    /// - Parameter changed: papers whose change ended his last link: he is told which.
    private func invite(
        _ signer: Signer,
        _ link: SigningLink,
        to subject: Case,
        _ changed: [StoredPaper],
        cap: SentLinks.Cap,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try SentLinks.count(signer, cap: cap, occasion: occasion, in: tx)
        try watchLink(signer, of: subject, in: tx)
        var arguments = [
            "secret": link.secret, "company": subject.title, "expires": signer.expiresAt.minuteText,
        ]
        if let first = changed.first {
            arguments["paper"] = first.title
            arguments["count"] = String(changed.count)
        } else {
            arguments["role"] = signer.roles.joined(separator: ",")
        }
        let kind = changed.isEmpty ? "sign-please" : "sign-voided"
        try ports.message(
            subject,
            CaseMessage(kind: kind, phone: signer.phone, arguments: arguments),
            occasion,
            tx
        )
    }

    private func expiry(of subject: Case, definition: CaseDefinition, occasion: Occasion) throws -> Instant {
        let limits = definition.limits(subject.region, occasion.now.date)
        guard let hours = limits["signingLinkHours"].int else {
            throw CaseError.unknownStep("limit signingLinkHours")
        }
        return occasion.now + hours * Instant.hour
    }

    /// One entry for each human or firm, with all papers that need him.
    static func needs(of papers: [PaperDraft]) -> [(signer: SignerNeed, papers: [String])] {
        var order: [String] = []
        var needs: [String: SignerNeed] = [:]
        var kinds: [String: [String]] = [:]
        for paper in papers {
            for signer in paper.signers {
                if needs[signer.key] == nil { order.append(signer.key) }
                needs[signer.key] = signer
                kinds[signer.key, default: []].append(paper.kind)
            }
        }
        return order.compactMap { key in needs[key].map { ($0, kinds[key] ?? []) } }
    }

    func check(_ subject: Case, definition: CaseDefinition, occasion: Occasion) -> Int {
        problems(in: subject.data, region: subject.region, definition: definition, today: occasion.now.date)
            .count
    }
}

extension Signer {
    init(
        _ need: (signer: SignerNeed, papers: [String]),
        of id: ID<Case>,
        link: String,
        at now: Instant,
        expires: Instant
    ) {
        self.init(
            caseID: id,
            key: need.signer.key,
            kind: need.signer.kind,
            name: need.signer.name,
            idKind: need.signer.idKind,
            idNumber: need.signer.idNumber,
            representative: need.signer.representative,
            roles: need.signer.roles,
            phone: need.signer.phone,
            papers: need.papers,
            state: .invited,
            link: link,
            invitedAt: now,
            expiresAt: expires,
            verifiedAt: nil,
            faceScore: nil,
            faceTries: 0,
            signedAt: nil,
            person: nil,
            version: 1
        )
    }
}
