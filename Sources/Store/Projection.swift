// Projection.swift — what each record of the journal means for the tables.
//
// Rows follow from the journal alone: no clock, no random number, nothing read back from the
// database. So a table built over a year of restarts equals one that is rebuilt in one go.
import Core
import GRDB

/// One row to write.
struct RowChange {
    let table: Table
    let values: [DatabaseValue]
}

/// The rows that came of one record.
struct RecordChanges {
    let sequence: UInt64
    let checksum: UInt32
    var rows: [RowChange] = []
}

/// Fed with every record, in order; reads orders and positions from the replica that took it.
struct Projection {
    private var run: Run?
    private var positions: [InstrumentID: PositionSnapshot] = [:]

    private struct Run {
        var epoch: UInt32
        var startedSequence: UInt64
        var startedAt: Int64
        var instance: UInt32
        var instruments: UInt32
    }

    mutating func take(_ entry: JournalEntry, _ replica: JournalReplica) -> RecordChanges {
        var changes = RecordChanges(sequence: entry.sequence, checksum: entry.checksum)
        switch entry.content {
        case .start(let instance, let instruments):
            let run = Run(
                epoch: entry.epoch, startedSequence: entry.sequence, startedAt: entry.time,
                instance: instance, instruments: instruments)
            self.run = run
            changes.rows.append(row(run, stop: nil))
        case .stop(let hash):
            if let run { changes.rows.append(row(run, stop: (entry, hash))) }
        case .instrument(let id, let instrument):
            changes.rows.append(row(id, instrument, entry))
        case .decision(let decision):
            changes.rows.append(row(decision, entry))
            changes.rows += order(decision.order, entry, replica)
        case .order(let key):
            changes.rows += order(key, entry, replica)
        case .report(let key, let fill):
            changes.rows += order(key, entry, replica)
            if let fill { changes.rows += rows(fill, entry, replica) }
        case .trading(let id, let state, let reason):
            changes.rows.append(
                RowChange(
                    .tradingStates, entry.sequence, entry.time, entry.epoch, optional(id),
                    state.name, reason))
        case .accountLimits(let limits): changes.rows += rows(limits, entry)
        case .instrumentLimits(let id, let limits): changes.rows += rows(limits, id, entry)
        case .equity(let equity):
            changes.rows.append(
                RowChange(
                    .equity, entry.sequence, equity.instrument.slot, entry.time, entry.epoch,
                    equity.lots, equity.mark?.ticks ?? 0, equity.realised.units,
                    equity.unrealised.units, equity.fees.units, "lane"))
        case .other: break
        }
        return changes
    }

    private func row(_ run: Run, stop: (entry: JournalEntry, hash: UInt64)?) -> RowChange {
        RowChange(
            .runs, run.epoch, run.startedSequence, run.startedAt, run.instance, run.instruments,
            stop?.entry.sequence, stop?.entry.time, stop.map { String($0.hash, radix: 16) })
    }

    private func row(
        _ id: InstrumentID, _ instrument: Instrument, _ entry: JournalEntry
    ) -> RowChange {
        RowChange(
            .instruments, id.slot, instrument.symbol, instrument.base, instrument.quote,
            instrument.priceDecimals, instrument.tickUnits, instrument.quantityDecimals,
            instrument.lotUnits, instrument.minPrice, instrument.maxPrice, instrument.minQuantity,
            instrument.maxQuantity, instrument.minNotional.units, instrument.maxNotional.units,
            entry.sequence)
    }

    private func row(_ decision: Decision, _ entry: JournalEntry) -> RowChange {
        RowChange(
            .decisions, entry.sequence, entry.time, entry.epoch, optional(decision.instrument),
            decision.order == .none ? nil : decision.order.description, decision.kind?.name,
            decision.strategy, Int64(bitPattern: decision.tag), decision.side?.name,
            decision.type?.name, decision.timeInForce.map { "\($0)" }, decision.isReduceOnly,
            decision.price.ticks, decision.stopPrice.ticks, decision.quantity.lots,
            decision.reference.ticks, decision.verdict, decision.isReducing, decision.value,
            decision.limit)
    }

    /// Nothing when the lane does not have the order: refused, not ours, or long forgotten.
    private func order(
        _ key: OrderKey, _ entry: JournalEntry, _ replica: JournalReplica
    ) -> [RowChange] {
        guard let order = replica.order(key) else { return [] }
        return [
            RowChange(
                .orders, key.description, replica.clientOrderID(key), key.epoch,
                order.instrument.slot, order.strategy, order.side.name, order.type.name,
                "\(order.timeInForce)", order.price.ticks, order.stopPrice.ticks,
                order.quantity.lots, order.filled.lots, order.filledValue.units, order.state.name,
                order.isCancelPending, order.venueOrder, order.code, entry.sequence, entry.time,
                entry.sequence, entry.time)
        ]
    }

    /// The fill, the position after it, and what the account is worth at its price.
    private mutating func rows(
        _ fill: Fill, _ entry: JournalEntry, _ replica: JournalReplica
    ) -> [RowChange] {
        let slot = Int(fill.instrument.slot)
        guard replica.instruments.indices.contains(slot) else { return [] }
        let before = positions[fill.instrument] ?? PositionSnapshot()
        let after = replica.position(fill.instrument)
        positions[fill.instrument] = after
        let unrealised = after.unrealised(replica.instruments[slot], mark: fill.price)
        return [
            RowChange(
                .fills, entry.sequence, entry.time, entry.epoch, fill.instrument.slot,
                fill.order.description, replica.order(fill.order)?.strategy, fill.trade,
                fill.side.name, fill.price.ticks, fill.quantity.lots, fill.fee.units,
                fill.feeAsset, fill.isMaker, after.realised.units &- before.realised.units,
                after.fees.units &- before.fees.units),
            RowChange(
                .positions, fill.instrument.slot, after.lots, after.cost.units,
                after.realised.units, after.fees.units, after.baseFees.units,
                after.otherFees.units, after.boughtLots, after.soldLots, after.fills,
                entry.sequence, entry.time),
            RowChange(
                .equity, entry.sequence, fill.instrument.slot, entry.time, entry.epoch, after.lots,
                fill.price.ticks, after.realised.units, unrealised.units, after.fees.units,
                "fill"),
        ]
    }

    private func rows(_ limits: AccountLimits, _ entry: JournalEntry) -> [RowChange] {
        let values: [(String, Int64)] = [
            ("max_gross_value", limits.maxGrossValue.units),
            ("max_open_value", limits.maxOpenValue.units),
            ("max_daily_loss", limits.maxDailyLoss.units),
            ("max_open_orders", Int64(limits.maxOpenOrders)),
            ("max_orders_per_window", Int64(limits.maxOrdersPerWindow)),
            ("order_window_ns", limits.orderWindow),
            ("duplicate_window_ns", limits.duplicateWindow),
            ("max_rejects_per_window", Int64(limits.maxRejectsPerWindow)),
            ("reject_window_ns", limits.rejectWindow),
            ("budget_weight", limits.budgetWeight), ("budget_reserve", limits.budgetReserve),
            ("budget_window_ns", limits.budgetWindow),
        ]
        return rows(values, of: nil, entry)
    }

    private func rows(
        _ limits: InstrumentLimits, _ id: InstrumentID, _ entry: JournalEntry
    ) -> [RowChange] {
        let values: [(String, Int64)] = [
            ("max_order_lots", limits.maxOrderLots),
            ("max_order_value", limits.maxOrderValue.units),
            ("max_position_lots", limits.maxPositionLots), ("collar_ppm", limits.collarPPM),
            ("emergency_collar_ppm", limits.emergencyCollarPPM), ("max_age_ns", limits.maxAge),
            ("emergency_max_age_ms", Int64(limits.emergencyMaxAgeMilliseconds)),
            ("allow_short", limits.allowShort ? 1 : 0),
        ]
        return rows(values, of: id.slot, entry)
    }

    private func rows(
        _ values: [(String, Int64)], of slot: UInt32?, _ entry: JournalEntry
    ) -> [RowChange] {
        values.map { name, value in
            RowChange(.limits, entry.sequence, name, entry.time, entry.epoch, slot, value)
        }
    }

    /// Nil for the account as a whole.
    private func optional(_ id: InstrumentID) -> UInt32? { id == .none ? nil : id.slot }
}

extension RowChange {
    /// Values in the order of the table's columns.
    init(_ table: Table, _ values: (any DatabaseValueConvertible)?...) {
        precondition(values.count == table.columns.count, "one value per column of \(table.name)")
        self.table = table
        self.values = values.map { $0?.databaseValue ?? .null }
    }
}
