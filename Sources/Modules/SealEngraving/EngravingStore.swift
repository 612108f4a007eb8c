import Kernel
import Storage

/// The rows of orders.
enum EngravingStore {
    static func insert(_ order: EngravingOrder, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO seal_order (id, owner, name, representative, region, kinds, engraver, payer, delivery, receiver,
                phone, address, ordered_by, ordered_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            order.id,
            order.owner,
            order.name,
            PersonalText(order.representative),
            order.region,
            order.kinds.joined(separator: ","),
            order.engraver,
            order.payer.rawValue,
            order.delivery.rawValue,
            PersonalText(order.receiver),
            PersonalText(order.phone),
            PersonalText(order.address),
            order.orderedBy,
            order.orderedAt
        )
    }

    static func find(_ id: ID<EngravingOrder>, in reader: any Reader) throws -> EngravingOrder? {
        try reader.first(
            """
            SELECT id, owner, name, representative, region, kinds, engraver, payer, delivery, receiver, phone, address,
                ordered_by, ordered_at
            FROM seal_order WHERE id = $1
            """,
            id
        ).map(order)
    }

    /// The newest first.
    static func of(_ owner: String, limit: Int, in reader: any Reader) throws -> [EngravingOrder] {
        try reader.query(
            """
            SELECT id, owner, name, representative, region, kinds, engraver, payer, delivery, receiver, phone, address,
                ordered_by, ordered_at
            FROM seal_order WHERE owner = $1 ORDER BY ordered_at DESC, id DESC LIMIT $2
            """,
            owner,
            limit
        ).map(order)
    }

    /// From here to the end of the transaction nobody else orders for the firm, nor counts what it has had.
    static func takeTurn(of owner: String, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO seal_order_turn (owner, orders) VALUES ($1, 1)
            ON CONFLICT (owner) DO UPDATE SET orders = seal_order_turn.orders + 1
            """,
            owner
        )
    }

    private static func order(_ row: Row) throws -> EngravingOrder {
        EngravingOrder(
            id: try row.id(0),
            owner: try row.text(1),
            name: try row.text(2),
            representative: try row.text(3),
            region: try row.text(4),
            kinds: try row.text(5).split(separator: ",").map(String.init),
            engraver: try row.text(6),
            payer: try row.value(7),
            delivery: try row.value(8),
            receiver: try row.text(9),
            phone: try row.text(10),
            address: try row.text(11),
            orderedBy: try row.text(12),
            orderedAt: try row.instant(13)
        )
    }
}
