import Synchronization

/// Numbers of one name, by their labels, as Prometheus reads them (text exposition 0.0.4).
final class MetricFamily: Sendable {
    enum Kind: String { case counter, gauge, histogram }

    /// The numbers of some labels: whoever counts often keeps it, and finds it once.
    final class Series: Sendable {
        struct Numbers {
            var value = 0.0
            /// Of a histogram: how many were at most each bound, and how many there were.
            var buckets: [Int]
            var count = 0
        }

        private let bounds: [Double]
        private let kept: Mutex<Numbers>

        fileprivate init(value: Double = 0, bounds: [Double]) {
            self.bounds = bounds
            kept = Mutex(Numbers(value: value, buckets: Array(repeating: 0, count: bounds.count)))
        }

        var numbers: Numbers { kept.withLock { $0 } }

        func add(_ amount: Double = 1) { kept.withLock { $0.value += amount } }

        func observe(_ value: Double) {
            let bucket = bounds.firstIndex { value <= $0 }
            kept.withLock { numbers in
                numbers.value += value
                numbers.count += 1
                if let bucket { numbers.buckets[bucket] += 1 }
            }
        }
    }

    let name: String
    let kind: Kind
    private let help: String
    private let labels: [String]
    private let bounds: [Double]
    private let series = Mutex<[[String]: Series]>([:])

    /// Of durations, in seconds: from a look-up by key to what a person gives up on.
    static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    init(_ kind: Kind, _ name: String, _ help: String, labels: [String] = [], bounds: [Double] = seconds) {
        self.kind = kind
        self.name = name
        self.help = help
        self.labels = labels
        self.bounds = kind == .histogram ? bounds : []
    }

    /// - Parameter values: of the labels, in their order: names of ours, never what somebody typed.
    func of(_ values: [String] = []) -> Series {
        series.withLock { series in
            if let known = series[values] { return known }
            let new = Series(bounds: bounds)
            series[values] = new
            return new
        }
    }

    /// Puts numbers that were read elsewhere in the place of all there are.
    func replace(by numbers: [([String], Double)]) {
        let new = Dictionary(numbers.map { ($0.0, Series(value: $0.1, bounds: [])) }) { $1 }
        series.withLock { $0 = new }
    }

    func write(to out: inout String) {
        let all = series.withLock { $0 }
        out += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for (values, one) in all.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let one = one.numbers
            guard kind == .histogram else {
                out += "\(name)\(braces(values)) \(number(one.value))\n"
                continue
            }
            var sum = 0
            for (bound, count) in zip(bounds, one.buckets) {
                sum += count
                out += "\(name)_bucket\(braces(values, "le=\"\(number(bound))\"")) \(sum)\n"
            }
            out += "\(name)_bucket\(braces(values, "le=\"+Inf\"")) \(one.count)\n"
            out += "\(name)_sum\(braces(values)) \(number(one.value))\n"
            out += "\(name)_count\(braces(values)) \(one.count)\n"
        }
    }

    private func braces(_ values: [String], _ more: String? = nil) -> String {
        var parts = zip(labels, values).map { "\($0)=\"\(Self.escaped($1))\"" }
        if let more { parts.append(more) }
        return parts.isEmpty ? "" : "{\(parts.joined(separator: ","))}"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}

extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
