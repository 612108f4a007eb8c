public import Storage

/// Counters that only go up.
public enum CounterStore {
    /// Takes `count` numbers.
    /// - Returns: the first of them.
    public static func take(_ count: Int64, of name: String, in tx: any Transaction) throws -> Int64 {
        try tx.execute(
            "INSERT INTO register_counter (name, next) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING",
            name
        )
        return try tx.number(
            "UPDATE register_counter SET next = next + $2 WHERE name = $1 RETURNING next",
            name,
            count
        ) - count
    }
}
