import Credentials
import Exchange
public import Jobs
public import Kernel
import Storage

extension CompanyOpening {
    /// Hears from the exchange which seals the police filed; each is made then.
    public func sealFilingSubscriber(clock: any Clock) -> Subscriber {
        Subscriber("seal-filings", events: ["exchange.line-changed"]) { event, tx in
            guard event.payload["party"].text == "police-seal", let id = event.payload["line"].text,
                let line = try ExchangeStore.line(ID(id), in: tx), line.order.operation == "file",
                // Seals of metal that are ordered without a case are no others' filing.
                !line.order.caseID.isEmpty
            else { return }
            var filings: [String: String] = [:]
            for seal in line.answer["seals"].elements {
                guard let kind = seal["kind"].text.flatMap({ Self.sealTypes[$0] }) else { continue }
                filings[kind] = seal["code"].text
            }
            guard !filings.isEmpty else { return }
            let occasion = Occasion(
                now: max(clock.now, event.at),
                actor: .platform("seals"),
                request: event.request
            )
            // The grant's own event may not have been heard yet.
            try Seals.adopt(of: line.order.creditCode, occasion: occasion, in: tx)
            try Seals.record(filings: filings, of: line.order.creditCode, occasion: occasion, in: tx)
        }
    }
}
