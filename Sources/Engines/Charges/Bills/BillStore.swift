import Kernel
import Storage

/// The only place that knows the tables of bills.
enum BillStore {
    static func insert(_ bill: Bill, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO charge_bill (id, number, object, case_number, payer, payee, payee_name, region, state, total,
                raised_at, due_at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
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
            bill.version
        )
        for (place, line) in bill.lines.enumerated() {
            try tx.send(
                """
                INSERT INTO charge_line (bill, place, code, name, law, fen, reduction, reduced_for)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                bill.id,
                Int64(place),
                line.code,
                line.name,
                line.law,
                line.amount.fen,
                line.reduction.fen,
                line.reducedFor
            )
        }
    }

    static func find(_ id: ID<Bill>, in reader: any Reader) throws -> Bill? {
        try reader.first(
            """
            SELECT id, number, object, case_number, payer, payee, payee_name, region, state, raised_at, due_at,
                settled_at, version
            FROM charge_bill WHERE id = $1
            """,
            id
        ).map { try bill($0, in: reader) }
    }

    static func find(number: String, in reader: any Reader) throws -> Bill? {
        try reader.first(
            """
            SELECT id, number, object, case_number, payer, payee, payee_name, region, state, raised_at, due_at,
                settled_at, version
            FROM charge_bill WHERE number = $1
            """,
            number
        ).map { try bill($0, in: reader) }
    }

    static func of(_ object: String, in reader: any Reader) throws -> [Bill] {
        try reader.query(
            """
            SELECT id, number, object, case_number, payer, payee, payee_name, region, state, raised_at, due_at,
                settled_at, version
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
            payee: Payee(code: try row.text(5), name: try row.text(6)),
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
            SELECT code, name, law, fen, reduction, reduced_for FROM charge_line WHERE bill = $1 ORDER BY place
            """,
            bill
        ).map { row in
            let line = BillLine(
                code: try row.text(0),
                name: try row.text(1),
                law: try row.text(2),
                amount: Money(fen: try row.integer(3)),
                reduction: Money(fen: try row.integer(4)),
                reducedFor: try row.optionalText(5)
            )
            guard let line else { throw StorageError.unexpectedColumn(index: 4, wanted: "reduction") }
            return line
        }
    }
}
