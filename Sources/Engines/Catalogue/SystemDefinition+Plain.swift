import Forms
import Rules

extension SystemDefinition {
    /// What keeps the cases of an item from running by its definition alone.
    func plain(of item: ItemDefinition, _ world: CatalogueWorld, into found: inout [DefinitionError]) {
        guard let plain = item.plain else {
            for step in item.flow where !step.sends.isEmpty {
                found.append(DefinitionError(.missingKey, at: step.position, ["key": "case"]))
            }
            return
        }
        unknown("agency", [plain.agency], world.agencies, at: plain.position, into: &found)
        guard let form = form(of: item) else {
            found.append(DefinitionError(.missingKey, at: item.position, ["key": "form"]))
            return
        }
        let groups =
            [(plain.applicant, ["name", "idKind", "idNumber", "phone"])]
            + (plain.firm.map { [($0, ["creditCode", "name"])] } ?? [])
        for path in [plain.district] + groups.flatMap({ group, names in names.map { "\(group).\($0)" } })
        where form.field(at: path) == nil {
            found.append(
                DefinitionError(
                    .unknownName,
                    at: plain.position,
                    ["kind": "field", "name": path, "known": form.file]
                )
            )
        }
        let takes: ItemDefinition.Applicant = plain.firm == nil ? .person : .enterprise
        if item.applicants != [takes] {
            found.append(
                DefinitionError(
                    .badValue,
                    at: item.position,
                    [
                        "value": item.applicants.map(\.rawValue).joined(separator: ", "),
                        "expected":
                            "for: \(takes.rawValue), as `firm` is \(plain.firm == nil ? "not " : "")there",
                    ]
                )
            )
        }
        for doer in [FlowStep.Doer.rule, .staff] where !item.flow.contains(where: { $0.by == doer }) {
            found.append(
                DefinitionError(.missingKey, at: item.position, ["key": "flow: by \(doer.rawValue)"])
            )
        }
        for page in form.pages where PlainCase.taken.contains(page.id) {
            found.append(
                DefinitionError(
                    .badValue,
                    at: SourcePosition(file: form.file),
                    ["value": page.id, "expected": "a page that is not called \(PlainCase.taken.sorted())"]
                )
            )
        }
        files(of: item, form, into: &found)
        for name in PlainCase.limits where limits[name] == nil {
            found.append(DefinitionError(.limitNotArmed, at: plain.position, ["name": name]))
        }
        for answers in plain.answers {
            operation(answers.party, answers.operation, world, at: plain.position, into: &found)
        }
        if let seal = plain.seal {
            unknown("seal", [seal.type], world.seals, at: plain.position, into: &found)
            if plain.firm == nil {
                found.append(DefinitionError(.missingKey, at: plain.position, ["key": "firm"]))
            }
        }
        expressions(of: item, plain, form, world, into: &found)
    }

    /// What FEEL says of the title, the licence and what parties are sent.
    private func expressions(
        of item: ItemDefinition,
        _ plain: PlainCase,
        _ form: FormDefinition,
        _ world: CatalogueWorld,
        into found: inout [DefinitionError]
    ) {
        let names = Set(form.pages.flatMap { $0.fields.map(\.name) }).union(PlainCase.names)
        func check(_ value: FormCondition) {
            unknown("name", value.expression.freeNames.sorted(), names, at: value.position, into: &found)
        }
        check(plain.title)
        if let licence = plain.licence {
            licence.fields.forEach { check($0.value) }
            licence.until.map(check)
            self.licence(licence, of: plain, world, into: &found)
        }
        for step in item.flow {
            step.sends.forEach { check($0.value) }
            sent(by: step, world, into: &found)
        }
    }

    /// A file is asked where a material says so, and only there.
    private func files(of item: ItemDefinition, _ form: FormDefinition, into found: inout [DefinitionError]) {
        let files = form.paths { if case .file = $0.kind { true } else { false } }
        var asked: Set<String> = []
        for material in item.materials {
            if let asks = material.asks {
                unknown("file of \(form.file)", [asks], files, at: material.position, into: &found)
                asked.insert(asks)
            } else if material.provenBy == nil {
                found.append(DefinitionError(.missingKey, at: material.position, ["key": "asks"]))
            }
        }
        for path in files.subtracting(asked).sorted() {
            found.append(
                DefinitionError(
                    .badValue,
                    at: item.position,
                    ["value": path, "expected": "materials that ask for every file of the form"]
                )
            )
        }
    }

    private func licence(
        _ licence: PlainCase.Licence,
        of plain: PlainCase,
        _ world: CatalogueWorld,
        into found: inout [DefinitionError]
    ) {
        guard let types = world.licenceTypes else { return }
        guard let type = types[licence.type] else {
            unknown("licence", [licence.type], Set(types.keys), at: licence.position, into: &found)
            return
        }
        let keys = licence.fields.map(\.key)
        unknown("field of \(licence.type)", keys, type.fields, at: licence.position, into: &found)
        for key in type.required.subtracting(keys).sorted() {
            found.append(DefinitionError(.missingKey, at: licence.position, ["key": key]))
        }
        let holder = plain.firm == nil ? "person" : "enterprise"
        if type.holder != holder {
            found.append(
                DefinitionError(
                    .badValue,
                    at: licence.position,
                    ["value": licence.type, "expected": "a licence whose holder is a \(holder)"]
                )
            )
        }
        if type.isDated != (licence.until != nil) {
            found.append(
                DefinitionError(
                    type.isDated ? .missingKey : .unknownKey,
                    at: licence.position,
                    ["key": "until", "allowed": "type, fields"]
                )
            )
        }
    }

    private func sent(by step: FlowStep, _ world: CatalogueWorld, into found: inout [DefinitionError]) {
        guard step.by == .outside, let party = step.party, let operation = step.operation,
            let asks = world.asks?["\(party).\(operation)"]
        else { return }
        let keys = step.sends.map(\.key)
        unknown("field of \(party).\(operation)", keys, asks.fields, at: step.position, into: &found)
        for key in asks.required.subtracting(keys).sorted() {
            found.append(DefinitionError(.missingKey, at: step.position, ["key": "sends.\(key)"]))
        }
    }
}
