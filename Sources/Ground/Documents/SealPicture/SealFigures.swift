import Foundation

/// Figures of seals as data, from `seal-figures.yaml`: measures with their sources.
public struct SealFigures: Sendable {
    let figures: [String: Figure]

    struct Figure: Sendable {
        let name: String
        let width: Double
        let height: Double
        let border: Double
        let ink: Ink
        /// Diameter of the circle through the tips.
        let star: Double?
        let arcs: [Arc]
        let lines: [Line]
        let cells: Cells?

        /// A square has cells, everything else is round.
        var isSquare: Bool { cells != nil }
    }

    struct Letters: Sendable {
        let text: String
        let role: String
        let weight: Double
        let isOptional: Bool
    }

    struct Arc: Sendable {
        let letters: Letters
        let isLower: Bool
        let gap: Double
        let height: Double
        /// Degrees.
        let most: Double
        let step: Double
        let isJoined: Bool
    }

    struct Line: Sendable {
        let letters: Letters
        let top: Double
        let height: Double
        let width: Double
        let most: Double
        /// From character to character; else their width and a little.
        let pitch: Double?
    }

    struct Cells: Sendable {
        let letters: Letters
        let gap: Double
        let between: Double
    }

    /// Their names, such as `official`.
    public var names: [String] { figures.keys.sorted() }

    public init(contentsOf file: String) throws(DocumentError) {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw .sheet("\(file) cannot be read")
        }
        let name = URL(fileURLWithPath: file).lastPathComponent
        try self.init(yaml: String(decoding: bytes, as: UTF8.self), file: name)
    }

    init(yaml: String, file: String) throws(DocumentError) {
        figures = try SheetSource.read(yaml, file: file) { root throws(DocumentError) in
            let map = try root.map(["ink", "figures"])
            let ink = try map.ink("ink") ?? Ink(220, 0, 0)
            var figures: [String: Figure] = [:]
            for source in try map.needed("figures").list() {
                let figure = try Figure(source, ink: ink)
                guard figures.updateValue(figure, forKey: figure.name) == nil else {
                    throw source.wrong("\(figure.name) is there twice; rename one")
                }
            }
            return figures
        }
    }
}

extension SealFigures.Figure {
    init(_ source: SheetSource, ink: Ink) throws(DocumentError) {
        let map = try source.map([
            "name", "source", "width", "height", "border", "star", "arcs", "lines", "cells",
        ])
        _ = try map.needed("source").text()
        name = try map.needed("name").text()
        width = try map.needed("width").number(10...60)
        height = try map.needed("height").number(10...60)
        border = try map.needed("border").number(0.2...3)
        star = try map["star"]?.number(5...30)
        self.ink = ink
        var arcs: [SealFigures.Arc] = []
        for source in try map["arcs"]?.list() ?? [] { arcs.append(try SealFigures.Arc(source)) }
        self.arcs = arcs
        var lines: [SealFigures.Line] = []
        for source in try map["lines"]?.list() ?? [] { lines.append(try SealFigures.Line(source)) }
        self.lines = lines
        cells = try map["cells"].map { source throws(DocumentError) in
            let map = try source.map(SealFigures.Letters.keys + ["gap", "between"])
            return SealFigures.Cells(
                letters: try SealFigures.Letters(map),
                gap: try map.needed("gap").number(0...5),
                between: try map.needed("between").number(0...5)
            )
        }
    }
}

extension SealFigures.Letters {
    static let keys = ["text", "role", "weight", "optional"]

    init(_ map: SheetSourceMap) throws(DocumentError) {
        text = try map.needed("text").text()
        role = try map.needed("role").text()
        weight = try map.number("weight", 0...1, or: 0)
        isOptional = try map.flag("optional")
    }
}

extension SealFigures.Arc {
    private enum Side: String, CaseIterable {
        case upper, lower
    }

    init(_ source: SheetSource) throws(DocumentError) {
        let map = try source.map(
            SealFigures.Letters.keys + ["side", "gap", "height", "most", "step", "joined"]
        )
        letters = try SealFigures.Letters(map)
        isLower = try map.needed("side").one(of: Side.self) == .lower
        gap = try map.needed("gap").number(0...20)
        height = try map.needed("height").number(0.5...12)
        most = try map.needed("most").number(10...330)
        step = try map.number("step", 1...60, or: 30)
        isJoined = try map.flag("joined")
    }
}

extension SealFigures.Line {
    init(_ source: SheetSource) throws(DocumentError) {
        let map = try source.map(SealFigures.Letters.keys + ["top", "height", "width", "most", "pitch"])
        letters = try SealFigures.Letters(map)
        top = try map.needed("top").number(-30...30)
        height = try map.needed("height").number(0.5...12)
        width = try map.needed("width").number(0.3...12)
        most = try map.needed("most").number(1...60)
        pitch = try map["pitch"]?.number(0.3...20)
    }
}
