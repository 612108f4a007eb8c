import Foundation

/// A row with what it says by itself, for which neither other rows nor the database are asked.
struct ReadRow: Sendable {
    let row: StockRow
    /// What tells it from all others in the source.
    let key: String
    let values: StockValues
    let findings: [StockFinding]

    var isWrong: Bool { findings.contains(where: \.isError) }
}

/// Rows that are kept together.
struct ReadPage: Sendable {
    let rows: [ReadRow]
    let next: StockPlace
}

extension StockDesk {
    /// Reads the file from a place on, a page ahead of what is done with it: keeping waits for the disk, reading for the
    /// processor. Rows are checked on all cores and come in their order.
    func forEachPage(from place: StockPlace, _ body: (ReadPage) async throws -> Void) async throws {
        var page = await read(at: place)
        while !page.rows.isEmpty {
            let next = page.next
            async let ahead = read(at: next)
            try await body(page)
            page = await ahead
        }
    }

    private func read(at place: StockPlace) async -> ReadPage {
        let (rows, next) = file.page(at: place, limit: batch)
        let share = max(1, (rows.count + Self.cores - 1) / Self.cores)
        let parts = await withTaskGroup(of: (Int, [ReadRow]).self) { group in
            for start in stride(from: 0, to: rows.count, by: share) {
                group.addTask { (start, rows[start..<min(start + share, rows.count)].map(read)) }
            }
            return await group.reduce(into: [Int: [ReadRow]]()) { $0[$1.0] = $1.1 }
        }
        return ReadPage(rows: parts.sorted { $0.key < $1.key }.flatMap(\.value), next: next)
    }

    private func read(_ row: StockRow) -> ReadRow {
        let (values, findings) = reader.read(row)
        return ReadRow(row: row, key: reader.key(of: row), values: values, findings: findings)
    }

    private static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }
}
