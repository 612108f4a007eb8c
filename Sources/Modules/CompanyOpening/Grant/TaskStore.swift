import Audit
public import Kernel
public import Storage

/// Tasks after the birth.
public enum TaskStore {
    static func insert(_ task: BirthTask, in tx: any Transaction) throws {
        try tx.send(
            "INSERT INTO opening_task (id, code, kind, due_on, arguments) VALUES ($1, $2, $3, $4, $5)",
            task.id,
            task.code,
            task.kind,
            task.dueOn,
            task.arguments
        )
    }

    public static func of(_ code: String, in reader: any Reader) throws -> [BirthTask] {
        try reader.query(
            """
            SELECT id, code, kind, due_on, done_at, arguments FROM opening_task WHERE code = $1
            ORDER BY CASE WHEN due_on IS NULL THEN 1 ELSE 0 END, due_on, id
            """,
            code
        ).map { row in
            BirthTask(
                id: try row.text(0),
                code: try row.text(1),
                kind: try row.text(2),
                dueOn: try row.optionalDate(3),
                doneAt: try row.optionalInstant(4),
                arguments: try row.json(5)
            )
        }
    }

    /// Ticks a task off, or takes one up again that was ticked off by mistake. What is so already stays unlogged.
    public static func tick(
        _ id: String,
        code: String,
        isDone: Bool,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let changed =
            isDone
            ? try tx.execute(
                "UPDATE opening_task SET done_at = $3 WHERE id = $1 AND code = $2 AND done_at IS NULL",
                id,
                code,
                occasion.now
            )
            : try tx.execute(
                "UPDATE opening_task SET done_at = NULL WHERE id = $1 AND code = $2 AND done_at IS NOT NULL",
                id,
                code
            )
        guard changed == 1 else { return }
        try AuditLog.append(
            isDone ? "task.done" : "task.reopened",
            object: "task:\(id)",
            after: ["code": .string(code)],
            occasion: occasion,
            in: tx
        )
    }
}
