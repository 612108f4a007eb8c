public import Kernel
public import Storage

/// The rows of papers, signers and signatures.
public enum SignerStore {
    public static func state(of id: ID<Case>, in reader: any Reader) throws -> SigningState {
        let papers = try reader.query(
            "SELECT kind, title, content, digest, text_version FROM case_paper WHERE case_id = $1 ORDER BY kind",
            id
        ).map { row in
            StoredPaper(
                kind: try row.text(0),
                title: try row.text(1),
                content: try row.text(2),
                digest: try row.text(3),
                text: try row.int(4)
            )
        }
        let signatures = try reader.query(
            "SELECT signer, paper, digest, signature, at, void_at FROM case_signature WHERE case_id = $1",
            id
        ).map { row in
            PaperSignature(
                signer: try row.text(0),
                paper: try row.text(1),
                digest: try row.text(2),
                signature: try row.text(3),
                at: try row.instant(4),
                voidAt: try row.optionalInstant(5)
            )
        }
        return SigningState(papers: papers, signers: try signers(of: id, in: reader), signatures: signatures)
    }

    /// The signers alone, those dropped included.
    public static func signers(of id: ID<Case>, in reader: any Reader) throws -> [Signer] {
        try reader.query(
            """
            SELECT case_id, signer, kind, name, id_kind, id_number, roles, phone, papers, state, link, invited_at,
                expires_at, verified_at, face_score, face_tries, signed_at, person, version, agent_name,
                agent_id_kind, agent_id_number, check_proof, check_until, check_papers
            FROM case_signer WHERE case_id = $1 ORDER BY signer
            """,
            id
        ).map(signer)
    }

    /// The signer to whom a link belongs.
    public static func find(link: String, in reader: any Reader) throws -> Signer? {
        try reader.first(
            """
            SELECT case_id, signer, kind, name, id_kind, id_number, roles, phone, papers, state, link, invited_at,
                expires_at, verified_at, face_score, face_tries, signed_at, person, version, agent_name,
                agent_id_kind, agent_id_number, check_proof, check_until, check_papers
            FROM case_signer WHERE link = $1
            """,
            link
        ).map(signer)
    }

    /// The signer to whom a link belongs, or belonged until a later one replaced it, who held the place then, and to
    /// which telephone the link had been sent.
    static func find(presentOrPast link: String, in reader: any Reader) throws -> LinkHolder? {
        if let signer = try find(link: link, in: reader) {
            return LinkHolder(
                signer: signer,
                holder: signer.holder,
                phone: signer.phone.isEmpty ? nil : signer.phone
            )
        }
        let row = try reader.first(
            "SELECT case_id, signer, representative, phone FROM case_signer_link WHERE link = $1",
            link
        )
        guard let row else { return nil }
        let (key, holder, phone) = (try row.text(1), try row.optionalText(2), try row.optionalText(3))
        let signer = try signers(of: try row.id(0), in: reader).first { $0.key == key }
        return signer.map { LinkHolder(signer: $0, holder: holder, phone: phone) }
    }

    /// Keeps a link that opens nothing but the page of the objection.
    static func insert(
        objecting link: String,
        of holder: LinkHolder,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO case_signer_link (link, case_id, signer, representative, phone) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (link) DO NOTHING
            """,
            link,
            holder.signer.caseID,
            holder.signer.key,
            PersonalText(holder.holder),
            PersonalText(holder.phone)
        )
    }

    /// Keeps the link that is about to be replaced, and who held it: he complains by it whatever becomes of the place.
    private static func keepLink(of signer: Signer, in tx: any Transaction) throws {
        let row = try tx.first(
            """
            SELECT link, agent_id_kind, agent_id_number, phone FROM case_signer
            WHERE case_id = $1 AND signer = $2 AND link <> $3 AND link NOT LIKE $4
            """,
            signer.caseID,
            signer.key,
            signer.link,
            Signer.closedLink + "%"
        )
        guard let row else { return }
        let (kind, number) = (try row.optionalText(1) ?? "", try row.optionalText(2))
        let phone = try row.text(3)
        let holder = LinkHolder(
            signer: signer,
            holder: number.map { "\(kind)/\($0)" },
            phone: phone.isEmpty ? nil : phone
        )
        try insert(objecting: try row.text(0), of: holder, in: tx)
    }

    private static func signer(_ row: Row) throws -> Signer {
        Signer(
            caseID: try row.id(0),
            key: try row.text(1),
            kind: try row.value(2),
            name: try row.text(3),
            idKind: try row.text(4),
            idNumber: try row.text(5),
            representative: try row.optionalText(19).map { name in
                SignerNeed.Representative(
                    name: name,
                    idKind: try row.optionalText(20) ?? "",
                    idNumber: try row.optionalText(21) ?? ""
                )
            },
            roles: try row.text(6).split(separator: ",").map(String.init),
            phone: try row.text(7),
            papers: try row.text(8).split(separator: ",").map(String.init),
            state: try row.value(9),
            link: try row.text(10),
            invitedAt: try row.instant(11),
            expiresAt: try row.instant(12),
            verifiedAt: try row.optionalInstant(13),
            check: try check(row),
            faceScore: try row.optionalInteger(14).map(Int.init),
            faceTries: try row.int(15),
            signedAt: try row.optionalInstant(16),
            person: try row.optionalText(17),
            version: try row.int(18)
        )
    }

    private static func check(_ row: Row) throws -> SigningCheck? {
        guard let proof = try row.optionalText(22), let until = try row.optionalInstant(23),
            let papers = try row.optionalText(24)
        else { return nil }
        return SigningCheck(proof: proof, until: until, papers: papers)
    }

    public static func insert(_ signer: Signer, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO case_signer (case_id, signer, kind, name, id_kind, id_number, roles, phone, papers, state,
                link, invited_at, expires_at, verified_at, face_score, face_tries, signed_at, person, version,
                agent_name, agent_id_kind, agent_id_number)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                $22)
            """,
            signer.caseID,
            signer.key,
            signer.kind.rawValue,
            signer.name,
            signer.idKind,
            PersonalText(signer.idNumber),
            signer.roles.joined(separator: ","),
            PersonalText(signer.phone),
            signer.papers.joined(separator: ","),
            signer.state.rawValue,
            signer.link,
            signer.invitedAt,
            signer.expiresAt,
            signer.verifiedAt,
            signer.faceScore,
            signer.faceTries,
            signer.signedAt,
            signer.person,
            signer.version,
            signer.representative?.name,
            signer.representative?.idKind,
            PersonalText(signer.representative?.idNumber)
        )
    }

    public static func update(_ signer: Signer, in tx: any Transaction) throws {
        try keepLink(of: signer, in: tx)
        let changed = try tx.execute(
            """
            UPDATE case_signer SET roles = $4, phone = $5, papers = $6, state = $7, link = $8, invited_at = $9,
                expires_at = $10, verified_at = $11, face_score = $12, face_tries = $13, signed_at = $14,
                person = $15, name = $16, id_kind = $17, id_number = $18, agent_name = $19, agent_id_kind = $20,
                agent_id_number = $21, check_proof = $22, check_until = $23, check_papers = $24,
                version = version + 1
            WHERE case_id = $1 AND signer = $2 AND version = $3
            """,
            signer.caseID,
            signer.key,
            signer.version,
            signer.roles.joined(separator: ","),
            PersonalText(signer.phone),
            signer.papers.joined(separator: ","),
            signer.state.rawValue,
            signer.link,
            signer.invitedAt,
            signer.expiresAt,
            signer.verifiedAt,
            signer.faceScore,
            signer.faceTries,
            signer.signedAt,
            signer.person,
            signer.name,
            signer.idKind,
            PersonalText(signer.idNumber),
            signer.representative?.name,
            signer.representative?.idKind,
            PersonalText(signer.representative?.idNumber),
            signer.check?.proof,
            signer.check?.until,
            signer.check?.papers
        )
        guard changed == 1 else { throw StorageError.stale }
    }

    /// Replaces the papers of a case by `papers`.
    public static func setPapers(_ papers: [PaperDraft], of id: ID<Case>, text: Int, in tx: any Transaction)
        throws
    {
        try tx.execute("DELETE FROM case_paper WHERE case_id = $1", id)
        for paper in papers {
            try tx.send(
                """
                INSERT INTO case_paper (case_id, kind, digest, title, content, text_version)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                id,
                paper.kind,
                paper.digest,
                paper.title,
                PersonalText(paper.content),
                text
            )
        }
    }

    public static func insert(_ signature: PaperSignature, of id: ID<Case>, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO case_signature (case_id, signer, paper, digest, signature, at)
            VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (case_id, signer, paper, digest)
                DO UPDATE SET signature = excluded.signature, at = excluded.at, void_at = NULL
            """,
            id,
            signature.signer,
            signature.paper,
            signature.digest,
            signature.signature,
            signature.at
        )
    }

    /// Takes away papers, signers and signatures of a draft that nobody handed in.
    static func forget(_ id: ID<Case>, in tx: any Transaction) throws {
        try CounterRecordStore.forget(id, in: tx)
        try tx.execute("DELETE FROM case_signature WHERE case_id = $1", id)
        try tx.execute("DELETE FROM case_signer_link WHERE case_id = $1", id)
        try tx.execute("DELETE FROM case_signer WHERE case_id = $1", id)
        try tx.execute("DELETE FROM case_paper WHERE case_id = $1", id)
    }

    /// Marks every signature of a signer whose place somebody else took.
    /// - Returns: the references of those that became void.
    static func void(signer: String, of id: ID<Case>, at now: Instant, in tx: any Transaction) throws
        -> [String]
    {
        try tx.query(
            """
            UPDATE case_signature SET void_at = $3 WHERE case_id = $1 AND signer = $2 AND void_at IS NULL
            RETURNING signature
            """,
            id,
            signer,
            now
        ).map { try $0.text(0) }
    }

    /// Marks the signatures that no longer fit the present papers.
    /// - Returns: the references of those that became void.
    static func voidStale(of id: ID<Case>, at now: Instant, in tx: any Transaction) throws -> [String] {
        try tx.query(
            """
            UPDATE case_signature SET void_at = $2 WHERE case_id = $1 AND void_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM case_paper p WHERE p.case_id = $1 AND p.kind = case_signature.paper
                    AND p.digest = case_signature.digest)
            RETURNING signature
            """,
            id,
            now
        ).map { try $0.text(0) }
    }
}
