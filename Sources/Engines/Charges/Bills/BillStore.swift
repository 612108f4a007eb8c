import Forms
import Kernel
import Storage

/// The only place that knows the tables of bills.
enum BillStore {
    static func insert(_ bill: Bill, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO charge_bill (id, number, object, case_number, payer, payee, payee_name, region, state, total,
                raised_at, due_at, version, agency)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            bill.id,
            bill.number,
            bill.object,
            bill.caseNumber,
            bill.payer,
            bill.payee.code,
            bill.payee.name,
            bill.region,
            bill.state.rawValue,
            bill.total.fen,
            bill.raisedAt,
            bill.dueAt,
            bill.version,
            bill.payee.agency
        )
        for (place, line) in bill.lines.enumerated() {
            try tx.send(
                """
                INSERT INTO charge_line (bill, place, code, name, name_en, law, law_en, fen, reduction, reduced_for,
                    reduced_for_en, paid_before)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                """,
                bill.id,
                Int64(place),
                line.code,
                line.name.zh,
                line.name.en,
                line.law.zh,
                line.law.en,
                line.amount.fen,
                line.reduction.fen,
                line.reducedFor?.zh,
                line.reducedFor?.en ?? "",
                line.paidBefore.fen
            )
        }
    }

    static func find(_ id: ID<Bill>, in reader: any Reader) throws -> Bill? {
        try reader.first(
            """
            SELECT id, number, object, case_number, payer, payee, payee_name, region, state, raised_at, due_at,
                settled_at, version, agency
            FROM charge_bill WHERE id = $1
            """,
            id
        ).map { try bill($0, in: reader) }
    }

    static func find(number: String, in reader: any Reader) throws -> Bill? {
        try reader.first(
            """
            SELECT id, number, object, case_number, payer, payee, payee_name, region, state, raised_at, due_at,
                settled_at, version, agency
            FROM charge_bill WHERE number = $1
            """,
            number
        ).map { try bill($0, in: reader) }
    }

    static func of(_ object: String, in reader: any Reader) throws -> [Bill] {
        try reader.query(
            """
            SELECT id, number, object, case_number, payer, payee, payee_name, region, state, raised_at, due_at,
                settled_at, version, agency
            FROM charge_bill WHERE object = $1 ORDER BY id
            """,
            object
        ).map { try bill($0, in: reader) }
    }

    /// Writes the next state, unless somebody changed the bill in the meantime.
    static func update(_ bill: Bill, in tx: any Transaction) throws {
        let rows = try tx.execute(
            """
            UPDATE charge_bill SET state = $2, settled_at = $3, version = $4 WHERE id = $1 AND version = $5
            """,
            bill.id,
            bill.state.rawValue,
            bill.settledAt,
            bill.version,
            bill.version - 1
        )
        guard rows == 1 else { throw ChargeError.stale }
    }

    private static func bill(_ row: Row, in reader: any Reader) throws -> Bill {
        let id: ID<Bill> = try row.id(0)
        return Bill(
            id: id,
            number: try row.text(1),
            object: try row.text(2),
            caseNumber: try row.text(3),
            payer: try row.text(4),
            payee: Payee(code: try row.text(5), name: try row.text(6), agency: try row.text(13)),
            region: try row.text(7),
            lines: try lines(of: id, in: reader),
            state: try row.value(8),
            raisedAt: try row.instant(9),
            dueAt: row.isNull(10) ? nil : try row.instant(10),
            settledAt: row.isNull(11) ? nil : try row.instant(11),
            version: try row.integer(12)
        )
    }

    private static func lines(of bill: ID<Bill>, in reader: any Reader) throws -> [BillLine] {
        try reader.query(
            """
            SELECT code, name, name_en, law, law_en, fen, reduction, reduced_for, reduced_for_en, paid_before
            FROM charge_line WHERE bill = $1 ORDER BY place
            """,
            bill
        ).map { row in
            let line = BillLine(
                code: try row.text(0),
                name: words(try row.text(1), try row.text(2)),
                law: words(try row.text(3), try row.text(4)),
                amount: Money(fen: try row.integer(5)),
                reduction: Money(fen: try row.integer(6)),
                reducedFor: try row.optionalText(7).map { words($0, try row.text(8)) },
                paidBefore: Money(fen: try row.integer(9))
            )
            guard let line else { throw StorageError.unexpectedColumn(index: 6, wanted: "reduction") }
            return line
        }
    }

    /// Bills from before are worded in Chinese only.
    private static func words(_ zh: String, _ en: String) -> Words { Words(zh: zh, en: en.isEmpty ? zh : en) }
}
