import '@nestjs/common'; // forbidden
import 'typeorm'; // forbidden
import 'pg'; // forbidden
import '@factflow/store'; // forbidden
import '@factflow/lineage'; // forbidden
import '@factflow/client';
import '@factflow/domain';
import 'commander';
