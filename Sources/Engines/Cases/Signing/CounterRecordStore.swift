public import Kernel
public import Storage

/// The rows of what was signed at a counter.
public enum CounterRecordStore {
    /// Oldest first.
    public static func of(_ id: ID<Case>, in reader: any Reader) throws -> [CounterRecord] {
        try reader.query(
            """
            SELECT id, case_id, signer, proofs, signed_by, capacity, words, papers, clerk, at
            FROM case_counter_record WHERE case_id = $1 ORDER BY at, id
            """,
            id
        ).map { row in
            CounterRecord(
                id: try row.id(0),
                caseID: try row.id(1),
                signer: try row.text(2),
                proofs: Set(
                    try row.text(3).split(separator: ",").compactMap {
                        CounterRecord.Proof(rawValue: String($0))
                    }
                ),
                signedBy: try row.text(4),
                capacity: try row.value(5),
                words: try row.text(6),
                papers: try JSON.read(Array(row.text(7).utf8)).elements.map {
                    CounterRecord.Paper(kind: $0["kind"].text ?? "", digest: $0["digest"].text ?? "")
                },
                clerk: try row.text(8),
                at: try row.instant(9)
            )
        }
    }

    /// Whether a member of staff saw somebody sign in this case: then another one examines it.
    static func isMade(by clerk: String, in id: ID<Case>, _ reader: any Reader) throws -> Bool {
        try reader.number(
            "SELECT COUNT(*) FROM case_counter_record WHERE case_id = $1 AND clerk = $2",
            id,
            clerk
        ) > 0
    }

    static func insert(_ record: CounterRecord, in tx: any Transaction) throws {
        let papers: JSON = .array(
            record.papers.map { ["kind": .string($0.kind), "digest": .string($0.digest)] }
        )
        try tx.send(
            """
            INSERT INTO case_counter_record (id, case_id, signer, proofs, signed_by, capacity, words, papers, clerk,
                at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            record.id,
            record.caseID,
            record.signer,
            record.proofs.map(\.rawValue).sorted().joined(separator: ","),
            PersonalText(record.signedBy),
            record.capacity.rawValue,
            PersonalText(record.words),
            papers,
            record.clerk,
            record.at
        )
    }

    /// Takes away what was signed for a draft that nobody handed in.
    static func forget(_ id: ID<Case>, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM case_counter_record WHERE case_id = $1", id)
    }
}
