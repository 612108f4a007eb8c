import Foundation
public import Kernel

/// One number, and what it is held against.
struct BenchFigure: Sendable {
    /// `benchmark.line`, as in `bars.tsv`.
    let key: String
    let figure: Double
    /// Such as `openings/s`.
    let unit: String
    /// The limit or the peer, in words.
    let peer: String
    /// The peer's figure in the same unit; nil when it was not run.
    let against: Double?
    /// Nil when there is nothing to compare with.
    let ratio: Double?
    var note = ""

    init(
        _ key: String,
        _ figure: Double,
        _ unit: String,
        peer: String = "",
        against: Double? = nil,
        note: String = ""
    ) {
        self.key = key
        self.figure = figure
        self.unit = unit
        self.peer = peer
        self.against = against
        ratio = against.map { $0 == 0 ? 0 : figure / $0 }
        self.note = note
    }
}

/// A figure beside its bar.
public struct BenchLine: Sendable {
    let figure: BenchFigure
    let bar: BenchBars.Bar

    /// A peer that was not run fails nothing, and the line says so.
    public var isGood: Bool {
        guard let ratio = figure.ratio else { return true }
        switch bar.judged {
        case .least: return ratio >= bar.value
        case .most: return ratio <= bar.value
        case .none: return true
        }
    }

    /// There is a bar, and nothing to hold against it.
    var isOpen: Bool { bar.judged != .none && figure.ratio == nil }

    private var verdict: String {
        if bar.judged == .none { return "" }
        return isOpen ? "not run" : isGood ? "ok" : "missed"
    }

    private var barText: String {
        switch bar.judged {
        case .least: "≥ \(Self.text(bar.value))"
        case .most: "≤ \(Self.text(bar.value))"
        case .none: "-"
        }
    }

    public static let heading = row(
        "benchmark",
        "figure",
        "peer or limit",
        "ratio",
        "bar",
        "",
        "quiet machine"
    )

    public var text: String {
        let compared = figure.against.map { "\(Self.text($0)) \(figure.peer)" }
        let missing = figure.peer.isEmpty ? "-" : "\(figure.peer): not run"
        let line = Self.row(
            figure.key,
            "\(Self.text(figure.figure)) \(figure.unit)",
            compared ?? missing,
            figure.ratio.map(Self.text) ?? "-",
            barText,
            verdict,
            bar.quiet.isEmpty ? "" : "[\(bar.quiet)]"
        )
        return figure.note.isEmpty ? line : "\(line)\n    \(figure.note)"
    }

    public var json: JSON {
        [
            "key": .string(figure.key), "figure": .number(Self.plain(figure.figure)),
            "unit": .string(figure.unit),
            "peer": .string(figure.peer), "against": figure.against.map { .number(Self.plain($0)) } ?? .null,
            "ratio": figure.ratio.map { .number(Self.plain($0)) } ?? .null, "bar": .string(barText),
            "quiet": .string(bar.quiet), "source": .string(bar.source), "verdict": .string(verdict),
            "note": .string(figure.note),
        ]
    }

    private static func row(_ cells: String...) -> String {
        let widths = [30, 28, 40, 9, 9, 8, 0]
        return zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: max(1, width - cell.count))
        }.joined().trimmingCharacters(in: .newlines)
    }

    static func text(_ value: Double) -> String {
        value >= 1_000 ? String(Int(value.rounded())) : String(format: value >= 10 ? "%.1f" : "%.3f", value)
    }

    private static func plain(_ value: Double) -> String { String(format: "%.6f", value) }
}

/// The checked-in bars, `Resources/bench/bars.tsv`.
struct BenchBars: Sendable {
    enum Judged: String, Sendable { case least, most, none }

    struct Bar: Sendable {
        let judged: Judged
        let value: Double
        let unit: String
        let quiet: String
        let source: String
    }

    private var bars: [String: Bar] = [:]

    init(home: Home) throws {
        let text = try String(contentsOfFile: home.resource("bench/bars.tsv"), encoding: .utf8)
        for line in text.split(separator: "\n").filter({ !$0.hasPrefix("#") }).dropFirst() {
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard cells.count == 6, let judged = Judged(rawValue: cells[1]), let value = Double(cells[2])
            else {
                throw BenchFault("bars.tsv: the line “\(line)” is not key, judged, bar, unit, quiet, source")
            }
            bars[cells[0]] = Bar(
                judged: judged,
                value: value,
                unit: cells[3],
                quiet: cells[4],
                source: cells[5]
            )
        }
    }

    func bar(of figure: BenchFigure) throws -> Bar {
        guard let bar = bars[figure.key], bar.unit == figure.unit else {
            throw BenchFault("bars.tsv has no line for \(figure.key) in \(figure.unit)")
        }
        return bar
    }
}
