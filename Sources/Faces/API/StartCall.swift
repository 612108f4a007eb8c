import Cases
import Cryptography
import Jobs
import Kernel
import Storage
import Web

/// Opening a draft, once for each key where the caller sends one: whoever got no answer asks again with the same.
extension CaseCalls {
    static func start(_ desk: APIDesk) -> Route {
        .api(
            .post,
            "/api/v1/cases",
            who: .applicants,
            scope: .own,
            zh: "新建办件",
            en: "Start a case",
            request: .object([
                "item": .choice("What is applied for", ["llc", "sole-trader"]), "region": CallShapes.region,
                "data?": .anything("The form so far, an object"),
            ]),
            response: brief
        ) { visit in
            let body = try visit.only(["item", "region", "data"])
            try await desk.require("case.start", visit)
            let region = try body.needed("region")
            guard region.utf8.count == 6, region.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw WebRefusal.badField(name: "region")
            }
            let data = body["data"].isNull ? [:] : body["data"]
            guard case .object = data else { throw WebRefusal.badField(name: "data") }
            let item = try body.needed("item")
            let act: @Sendable (Once<Case>?) async throws -> Case = {
                try await desk.desk.start(
                    system: "company-opening",
                    item: item,
                    region: region,
                    channel: .online,
                    data: data,
                    once: $0,
                    occasion: visit.occasion
                )
            }
            guard let key = visit.onceKey else {
                guard visit.headers["idempotency-key"] == nil else {
                    throw WebRefusal.badField(name: "Idempotency-Key")
                }
                return .json(started(try await act(nil)), status: 201)
            }
            let once = Once<Case>(
                key: key,
                scope: "start:\(visit.occasion.actor.id)",
                request: SM3.digest(Array("\(visit.path)\n".utf8) + visit.bytes)
            ) { ["case": .string($0.id.rawValue)] }
            switch try await once.run(in: desk.database, looksFirst: false, act) {
            case .done(let new): return .json(started(new), status: 201)
            case .before(let answer):
                // Whose it is may have changed since: a key opens nothing that its owner may not read today.
                let first = try await desk.readable(ID(answer["case"].text ?? ""), visit) { _, _ in () }.0
                return .json(started(first), status: 201)
            }
        }.noting(
            status: 201,
            headers: CallShapes.onceIfAny,
            refusals: [
                404: ["case.unknown-item"], 422: ["form.too-many-rows", "idempotency.different-body"],
            ]
        )
    }

    private static func started(_ new: Case) -> JSON {
        var answer = json(new)
        answer["lookupCode"] = .string(new.lookupCode)
        return answer
    }
}
