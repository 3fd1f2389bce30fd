import '@factflow/domain'; // forbidden
import '@factflow/store'; // forbidden
import '@nestjs/common'; // forbidden
import 'typeorm'; // forbidden
import '@factflow/postgres';
import 'pg';
