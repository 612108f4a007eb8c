public import Kernel
public import Standards

/// The ladders of `warning-ladders.tsv`, each with the day from which it holds.
public struct WarningLadders: Sendable {
    private let ladders: [String: [(from: LocalDate, ladder: WarningLadder)]]

    public init(home: Home) throws(StandardsError) {
        let table = try TabTable(
            "warning-ladders.tsv",
            home: home,
            columns: ["ladder", "from", "rung", "mark", "at", "to"]
        )
        let rows = try table.map {
            (row: TabRow) throws(StandardsError) -> (String, LocalDate, WarningLadder.Rung) in
            let clock = row.text("at").split(separator: ":")
            guard clock.count == 2, let hour = Int(clock[0]), let minute = Int(clock[1]),
                (0..<24).contains(hour),
                (0..<60).contains(minute)
            else { throw row.bad("at is hh:mm") }
            let mark: WarningLadder.Mark
            do { mark = try WarningLadder.Mark(row.text("mark")) } catch {
                throw row.bad("mark cannot be read")
            }
            guard row.text("rung") != "due" else { throw row.bad("the rung due is kept for the end") }
            let rung = WarningLadder.Rung(
                name: row.text("rung"),
                mark: mark,
                minuteOfDay: hour * 60 + minute,
                to: row.text("to")
            )
            return (row.text("ladder"), try row.date("from"), rung)
        }
        var rungs: [String: [LocalDate: [WarningLadder.Rung]]] = [:]
        for (name, from, rung) in rows { rungs[name, default: [:]][from, default: []].append(rung) }
        var ladders: [String: [(from: LocalDate, ladder: WarningLadder)]] = [:]
        for (name, dated) in rungs {
            ladders[name] = dated.map { ($0, WarningLadder(name: name, rungs: $1)) }.sorted {
                $0.from < $1.from
            }
        }
        self.ladders = ladders
    }

    /// The ladder in force on a day; nil when there is none of that name yet.
    public func ladder(_ name: String, on day: LocalDate) -> WarningLadder? {
        ladders[name]?.last { $0.from <= day }?.ladder
    }

    public var names: Set<String> { Set(ladders.keys) }
}
