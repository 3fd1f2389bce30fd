import 'pg'; // forbidden
import 'typeorm'; // forbidden
import '@nestjs/cqrs'; // forbidden
import '@factflow/store'; // forbidden
import '@factflow/server'; // forbidden
import '@factflow/domain';
import '@nestjs/common';
