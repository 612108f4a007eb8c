import Foundation

/// Lines and curves in millimetres.
public struct SheetPath: Hashable, Sendable {
    public enum Step: Hashable, Sendable {
        case move(SheetPoint)
        case line(SheetPoint)
        /// One control point, then the end.
        case quadratic(SheetPoint, SheetPoint)
        /// Two control points, then the end.
        case cubic(SheetPoint, SheetPoint, SheetPoint)
        case close
    }

    public var steps: [Step]

    public init(_ steps: [Step] = []) { self.steps = steps }

    static func line(from start: SheetPoint, to end: SheetPoint) -> SheetPath {
        SheetPath([.move(start), .line(end)])
    }

    static func polygon(_ points: [SheetPoint]) -> SheetPath {
        guard let first = points.first else { return SheetPath() }
        return SheetPath([.move(first)] + points.dropFirst().map { .line($0) } + [.close])
    }

    static func rectangle(_ box: SheetBox) -> SheetPath {
        polygon([
            SheetPoint(box.x, box.y), SheetPoint(box.right, box.y), SheetPoint(box.right, box.bottom),
            SheetPoint(box.x, box.bottom),
        ])
    }

    /// Four cubics, off a true ellipse by less than 0.03 percent of its radius.
    static func ellipse(middle: SheetPoint, _ across: Double, _ down: Double) -> SheetPath {
        let pull = 4.0 / 3.0 * (2.0.squareRoot() - 1)
        func point(_ x: Double, _ y: Double) -> SheetPoint {
            SheetPoint(middle.x + x * across, middle.y + y * down)
        }
        return SheetPath([
            .move(point(1, 0)),
            .cubic(point(1, pull), point(pull, 1), point(0, 1)),
            .cubic(point(-pull, 1), point(-1, pull), point(-1, 0)),
            .cubic(point(-1, -pull), point(-pull, -1), point(0, -1)),
            .cubic(point(pull, -1), point(1, -pull), point(1, 0)),
            .close,
        ])
    }

    func moved(_ place: (SheetPoint) -> SheetPoint) -> SheetPath {
        SheetPath(
            steps.map { step in
                switch step {
                case .move(let end): .move(place(end))
                case .line(let end): .line(place(end))
                case .quadratic(let control, let end): .quadratic(place(control), place(end))
                case .cubic(let first, let second, let end): .cubic(place(first), place(second), place(end))
                case .close: .close
                }
            }
        )
    }

    /// Of the lines between all points, control points among them: no shorter than what is drawn.
    var length: Double {
        var length = 0.0
        var at = SheetPoint(0, 0)
        func go(_ points: SheetPoint...) {
            for point in points {
                length += hypot(point.x - at.x, point.y - at.y)
                at = point
            }
        }
        for step in steps {
            switch step {
            case .move(let end): at = end
            case .line(let end): go(end)
            case .quadratic(let control, let end): go(control, end)
            case .cubic(let first, let second, let end): go(first, second, end)
            case .close: continue
            }
        }
        return length
    }

    /// The box of all points, control points among them: never smaller than what is drawn.
    var bounds: SheetBox? {
        var least = SheetPoint(.infinity, .infinity)
        var most = SheetPoint(-.infinity, -.infinity)
        func take(_ point: SheetPoint) {
            least = SheetPoint(min(least.x, point.x), min(least.y, point.y))
            most = SheetPoint(max(most.x, point.x), max(most.y, point.y))
        }
        for step in steps {
            switch step {
            case .move(let end), .line(let end): take(end)
            case .quadratic(let control, let end):
                take(control)
                take(end)
            case .cubic(let first, let second, let end):
                take(first)
                take(second)
                take(end)
            case .close: continue
            }
        }
        guard least.x <= most.x else { return nil }
        return SheetBox(least.x, least.y, most.x - least.x, most.y - least.y)
    }
}
