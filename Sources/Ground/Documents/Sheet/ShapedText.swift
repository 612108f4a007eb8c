import Foundation

/// A paragraph that Pango has shaped, without a size: lengths are parts of the em.
struct ShapedText: Sendable {
    struct Glyph: Sendable {
        let id: UInt32
        let advance: Double
        let shift: SheetPoint
    }

    /// What cannot be divided: mostly one character.
    struct Cluster: Sendable {
        /// Bytes of UTF-8 in the paragraph.
        let bytes: Range<Int>
        let glyphs: Range<Int>
        let face: Int
        let advance: Double
        /// A line may end before this cluster.
        let mayBreak: Bool
        let isSpace: Bool
        /// One character, one glyph, in its place, that the typeface's own table names.
        let isPlain: Bool
    }

    let bytes: [UInt8]
    let glyphs: [Glyph]
    let clusters: [Cluster]
    let width: Double

    static let empty = ShapedText(bytes: [], glyphs: [], clusters: [], width: 0)
}

/// One line of a paragraph: clusters, without the spaces at its end.
struct ShapedLine: Sendable {
    let clusters: Range<Int>
    /// In parts of the em.
    let width: Double
}

extension ShapedText {
    /// The fewest lines that fit, filled from the first on; a line that has no place to break is left too long.
    /// - Parameters:
    ///   - room: of a line, in parts of the em.
    ///   - indent: of the first line.
    func lines(room: Double, indent: Double = 0) -> [ShapedLine] {
        let slack = 1e-6
        var lines: [ShapedLine] = []
        var start = 0
        while start < clusters.count {
            let room = room - (lines.isEmpty ? indent : 0)
            var width = 0.0
            var inked = 0.0
            var inkedEnd = start
            var end = start
            var lastBreak: (end: Int, inkedEnd: Int, width: Double)?
            while end < clusters.count {
                let cluster = clusters[end]
                if end > start, cluster.mayBreak { lastBreak = (end, inkedEnd, inked) }
                width += cluster.advance
                if !cluster.isSpace {
                    if width > room + slack, let lastBreak {
                        end = lastBreak.end
                        inkedEnd = lastBreak.inkedEnd
                        inked = lastBreak.width
                        break
                    }
                    inked = width
                    inkedEnd = end + 1
                }
                end += 1
            }
            lines.append(ShapedLine(clusters: start..<inkedEnd, width: inked))
            start = max(end, start + 1)
            while start < clusters.count, clusters[start].isSpace { start += 1 }
        }
        return lines
    }

    /// The runs of a line, one for each stretch in one typeface.
    /// - Parameter spread: added after each cluster but the last, in millimetres.
    func runs(
        of line: ShapedLine,
        at start: SheetPoint,
        size: Double,
        ink: Ink,
        spread: Double = 0,
        turn: Double = 0
    ) -> [TextRun] {
        var runs: [TextRun] = []
        let direction = (x: cos(turn * .pi / 180), y: sin(turn * .pi / 180))
        var along = 0.0
        var first = line.clusters.lowerBound
        while first < line.clusters.upperBound {
            var end = first
            while end < line.clusters.upperBound, clusters[end].face == clusters[first].face { end += 1 }
            var placed: [PlacedGlyph] = []
            placed.reserveCapacity(end - first)
            var isPlain = true
            let origin = along
            for (number, cluster) in zip(first..<end, clusters[first..<end]) {
                isPlain = isPlain && cluster.isPlain
                for at in cluster.glyphs {
                    let glyph = glyphs[at]
                    let isSpread =
                        at == cluster.glyphs.upperBound - 1 && number < line.clusters.upperBound - 1
                    let advance = glyph.advance * size + (isSpread ? spread : 0)
                    placed.append(
                        PlacedGlyph(
                            id: glyph.id,
                            bytes: at == cluster.glyphs.lowerBound ? cluster.bytes.count : 0,
                            advance: advance,
                            shift: SheetPoint(glyph.shift.x * size, glyph.shift.y * size)
                        )
                    )
                    along += advance
                }
            }
            let text = bytes[clusters[first].bytes.lowerBound..<clusters[end - 1].bytes.upperBound]
            runs.append(
                TextRun(
                    face: clusters[first].face,
                    size: size,
                    ink: ink,
                    start: SheetPoint(start.x + origin * direction.x, start.y + origin * direction.y),
                    turn: turn,
                    text: String(decoding: text, as: UTF8.self),
                    glyphs: placed,
                    isPlain: isPlain
                )
            )
            first = end
        }
        return runs
    }
}
