import Foundation

/// A border of waves that cross, as certificates have, with a rosette in each corner.
struct WeaveFigure: Sendable {
    /// The outer edge.
    let box: SheetBox
    /// From the outer edge to the inner one.
    let depth: Double
    /// Of a whole wave, about: as many go round as fit without a rest.
    let wave: Double
    let strands: Int
    let width: Double
    let ink: Ink

    var marks: [SheetMark] {
        let across = box.width - 2 * depth
        let down = box.height - 2 * depth
        var path = SheetPath()
        for strand in 0..<strands {
            let phase = 2 * Double.pi * Double(strand) / Double(strands)
            for isFar in [false, true] {
                let y = isFar ? box.bottom - depth / 2 : box.y + depth / 2
                path.steps += side(length: across, phase: phase) { along, off in
                    SheetPoint(box.x + depth + along, y + off)
                }
                let x = isFar ? box.right - depth / 2 : box.x + depth / 2
                path.steps += side(length: down, phase: phase) { along, off in
                    SheetPoint(x + off, box.y + depth + along)
                }
            }
        }
        for x in [box.x, box.right - depth] {
            for y in [box.y, box.bottom - depth] {
                path.steps += rosette(SheetPoint(x + depth / 2, y + depth / 2))
            }
        }
        var lines = SheetPath.rectangle(box)
        lines.steps +=
            SheetPath.rectangle(SheetBox(box.x + depth, box.y + depth, across, down)).steps
        return [
            .path(PathMark(path, stroke: ink, width: width)),
            .path(PathMark(lines, stroke: ink, width: width * 2.5)),
        ]
    }

    /// A sine of whole waves; four cubics to each, with the sine's own slopes.
    private func side(
        length: Double,
        phase: Double,
        place: (Double, Double) -> SheetPoint
    ) -> [SheetPath.Step] {
        let count = max(1, (length / wave).rounded()) * 4
        let step = length / count
        let turn = 2 * Double.pi / (4 * step)
        let height = depth / 2 * 0.82
        func point(_ at: Double) -> (Double, Double, Double) {
            (at, height * sin(turn * at + phase), height * turn * cos(turn * at + phase))
        }
        let start = point(0)
        var steps: [SheetPath.Step] = [.move(place(start.0, start.1))]
        for number in 0..<Int(count) {
            let from = point(Double(number) * step)
            let end = point(Double(number + 1) * step)
            steps.append(
                .cubic(
                    place(from.0 + step / 3, from.1 + from.2 * step / 3),
                    place(end.0 - step / 3, end.1 - end.2 * step / 3),
                    place(end.0, end.1)
                )
            )
        }
        return steps
    }

    private func rosette(_ middle: SheetPoint) -> [SheetPath.Step] {
        var steps: [SheetPath.Step] = []
        let petals = 6
        for petal in 0..<petals {
            let angle = Double.pi * Double(petal) / Double(petals)
            let ellipse = SheetPath.ellipse(middle: SheetPoint(0, 0), depth * 0.44, depth * 0.16)
            steps +=
                ellipse.moved {
                    SheetPoint(
                        middle.x + $0.x * cos(angle) - $0.y * sin(angle),
                        middle.y + $0.x * sin(angle) + $0.y * cos(angle)
                    )
                }.steps
        }
        return steps
    }
}
