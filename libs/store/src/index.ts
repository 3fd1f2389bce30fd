export { createDataSource, type StoreOptions } from './data-source';
export { EventEntity } from './entities/event.entity';
export { ExecutionEntity } from './entities/execution.entity';
export { JoinEntity } from './entities/join.entity';
export { RecordEntity } from './entities/record.entity';
export { StatisticsEntity } from './entities/statistics.entity';
export { isMigrated, migrate } from './migrate';
