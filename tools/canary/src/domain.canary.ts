import 'typeorm'; // forbidden
import 'pg'; // forbidden
import '@nestjs/common'; // forbidden
import 'class-validator'; // forbidden
import '@factflow/store'; // forbidden
import '@factflow/lineage'; // forbidden
import '@factflow/testing'; // forbidden
import 'node:crypto';
import 'uuid';
