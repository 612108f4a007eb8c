import Cases
import CompanyNames
public import Jobs
import Kernel
import Storage

extension CompanyOpening {
    /// Tells the applicant that the reservation of his name is about to end (company-opening §6). A reservation that no
    /// form bears yet has nobody's telephone with it, so only its owner's pages show its end.
    public var nameSubscriber: Subscriber {
        Subscriber("name-notices", events: ["company-name.expiring"]) { event, tx in
            guard let owner = event.payload["owner"].text,
                let entry = try NameLibrary.find(
                    ID(String(event.object.dropFirst("company-name:".count))),
                    in: tx
                ), let day = entry.lastDay
            else { return }
            let occasion = Occasion(now: event.at, actor: .platform("names"), request: event.request)
            for subject in try CaseStore.mine(owner, limit: 100, in: tx)
            where !subject.state.isFinal && CompanyForm(subject.data).reservation == entry.id.rawValue {
                try notify(
                    subject,
                    CaseMessage(
                        kind: "name-expiring",
                        phone: applicantPhone(in: subject.data),
                        arguments: ["name": entry.text, "date": day.description]
                    ),
                    occasion,
                    tx
                )
            }
        }
    }
}
